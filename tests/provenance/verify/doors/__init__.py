"""One decision at every door, and the records behind it."""
