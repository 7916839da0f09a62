"""The bits of the watermark: payload with keyed check, and forward error correction.

Knows no pixels.
"""
