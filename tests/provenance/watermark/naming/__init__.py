"""Which record a mark leads to, and when it leads to none."""
