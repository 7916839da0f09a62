"""What is decided from signals that are given, and in which words."""
