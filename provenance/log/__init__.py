"""The transparency log as pure functions: hashing, Merkle proofs, checkpoints, tiles, entries and fsck.

Nothing here knows Django, a database or settings: auditors can take this package alone and check what the
service says.
"""
