"""Measures the live check: made recordings, honest ones and attacks, and the distances of faces."""
