"""What start-up and health checks look at: keys, log triggers, the sandbox.

Reads and reports, and mends nothing.
"""
