"""HTTP API for subjects and consent grants, for partners with an API key.

Parses, calls one service, shapes the answer; no rule lives here.
"""
