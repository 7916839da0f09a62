"""Fingerprints of what a video sounded like, and the comparison of a stranger's sound with them.

Numbers in, numbers out: no files, no database, no verdicts, no Django.
"""
