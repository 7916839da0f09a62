"""Sample people: what a partner is given, and that nothing else passes for a sample."""
