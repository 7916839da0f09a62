"""Pages on which staff see what waits, look a second time and audit, and where partners appeal."""
