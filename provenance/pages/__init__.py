"""Pages for anybody: verify a file, read the log, report misuse.

Parses, calls one service or selector, renders a template; no rule lives here.
"""
