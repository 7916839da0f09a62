"""System and health checks: keys and certificates, log triggers, the sandbox.

Reads and reports, and mends nothing.
"""
