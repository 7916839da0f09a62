"""What a verdict is made from: signals, media types, evidence bundles.

Plain values; nothing here decides.
"""
