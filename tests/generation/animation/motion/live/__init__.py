"""Motion of speech that is still being said, and of who listens."""
