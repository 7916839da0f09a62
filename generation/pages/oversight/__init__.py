"""Pages on which staff see what waits, look a second time, and answer appeals; and where partners appeal."""
