"""Verification, resolution and the log over HTTP, for anybody.

Parses, calls one service or selector, shapes the answer; no rule lives here.
"""
