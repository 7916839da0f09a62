"""From signals to a verdict: pure functions, findings, error rates, and the sentences that say so.

Reads no file and no database.
"""
