"""Benchmarks of the watermark: cost, robustness, false matches, forgery."""
