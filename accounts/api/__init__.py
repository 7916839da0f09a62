"""Subjects and consent over HTTP, for partners with a key.

Parses, calls one service, shapes the answer; no rule lives here.
"""
