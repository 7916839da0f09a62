"""Benchmarks of what eyes and ears are told."""
