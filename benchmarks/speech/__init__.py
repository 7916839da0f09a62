"""Benchmarks of speech and motion: lips, head, eyes and brows on real speech, and speed."""
