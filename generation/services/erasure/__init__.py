"""Erasure and retention: what is due, how it is erased, strays, and the proof that nothing is left.

An erasure begins in a row (from then on nobody is given the file), and ends when the storage holds no version
of the file any more. What lies between is tried again until it is done.
"""
