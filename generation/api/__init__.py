"""Portraits, driving audio, jobs and renditions over HTTP, for partners with a key.

Parses, calls one service, shapes the answer; no rule lives here.
"""
