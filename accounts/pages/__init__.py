"""Pages of the accounts app, one file for each kind of reader.

Parses, calls one service, renders a template; no rule lives here.
"""
