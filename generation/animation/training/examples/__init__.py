"""What the networks learn from: utterances, lips, performances and captures, as arrays.

Makes examples and trains nothing.
"""
