"""Speech for training, from synthesisers that say when each phone was spoken.

They make sound and labels; what is learned from them lives in `training.examples`.
"""
