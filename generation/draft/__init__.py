"""Drafts: one portrait says one neutral sentence, small, labelled and marked, in memory only.

`welcome.wav` is the beginning of `samples/speech/sample1_female_calm.wav` (synthetic speech, CC0 1.0): "Good
morning, and welcome."
"""
