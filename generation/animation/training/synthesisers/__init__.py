"""Speech synthesisers that report phone times, as sources of training data.

They make sound and labels; the examples made from them live in `training.examples`.
"""
