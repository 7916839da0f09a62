"""HTTP API for portraits, driving audio, jobs and renditions, for partners with an API key.

Parses, calls one service, shapes the answer; no rule lives here.
"""
