"""deploy/ says what is there and starts what it says."""
