"""How entries come into the log, and that they stay: one order, no fork, no change."""
