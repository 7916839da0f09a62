"""A partner's side of the service: uploads, consent, jobs, videos, verification.

Speaks HTTP and knows no rule of the service; what the service refuses arrives as an exception.
"""

from __future__ import annotations

from likeness.client.client import Client
from likeness.client.errors import JobNotReleased, WaitTimedOut

__all__ = ["Client", "JobNotReleased", "WaitTimedOut"]
