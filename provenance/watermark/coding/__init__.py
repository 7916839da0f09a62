"""Bits: what the mark says, and how it survives wrong bits.

Knows no pixels.
"""
