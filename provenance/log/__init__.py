"""The transparency log as plain functions: hashing, proofs, checkpoints, tiles, entries, and fsck.

Nothing here knows Django, a database or settings: auditors can take this package alone and check what the
service says.
"""
