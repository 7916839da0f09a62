"""Whether a job is taken: what workers can do, when it would start and end, what its partner may have.

Knows no requests; `services.submit` asks.
"""
