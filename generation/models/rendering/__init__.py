"""Models of rendering by several processes: who is there to render, and the parts of long videos."""
