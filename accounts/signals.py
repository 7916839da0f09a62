"""Django signals that apps above accounts receive: consent withdrawn, partner suspended.

Both signals are sent inside the transaction of the change. Receivers run in it too and must not swallow
errors: if one fails, the change does not happen.
"""

from __future__ import annotations

from django.dispatch import Signal

consent_withdrawn = Signal()  # grant: ConsentGrant, already withdrawn
partner_suspended = Signal()  # partner: Partner, already suspended
