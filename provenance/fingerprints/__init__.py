"""Fingerprints of how a video moves and sounds, and the comparison of a stranger's file with them.

Numbers in, numbers out: no files, no database, no verdicts, no Django.
"""
