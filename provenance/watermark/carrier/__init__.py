"""The spread-spectrum signal: its carriers, their strength at each pixel, and their measurement in frames.

Knows nothing of ids. May import `coding`.
"""
