"""A partner's side of the service: uploads, consent, jobs, videos, verification.

Speaks HTTP and knows no rule of the service; what the service refuses arrives as an exception.
"""
