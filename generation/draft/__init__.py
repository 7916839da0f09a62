"""Drafts: one portrait says one neutral sentence, small, labelled and marked, in memory only.

`speech/` has the sentence in five languages, synthetic speech under CC0 1.0: `en.wav` is the beginning of
`samples/speech/sample1_female_calm.wav`, the others are made by `python -m tools.draft_speech`.
"""
