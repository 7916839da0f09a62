"""How well lips and motion follow recordings."""
