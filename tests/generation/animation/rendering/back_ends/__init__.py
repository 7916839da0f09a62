"""That every back end, thread and batch draws the same pictures."""
