"""Training examples of the networks: utterances, lip examples, motion examples and captures, as arrays.

Makes examples and trains nothing.
"""
