"""Pixels: the waves that carry the bits, how strong they may be, and how they are measured in frames.

Knows nothing of ids. May import `coding`.
"""
