"""Django signals that apps above accounts receive: consent asked, confirmed or withdrawn, partner suspended.

They are sent inside the transaction of the change. Receivers run in it too and must not swallow
errors: if one fails, the change does not happen.
"""

from __future__ import annotations

from django.dispatch import Signal

consent_asked = Signal()  # grant: ConsentGrant, already stored
attestation_deciding = Signal()  # grant: ConsentGrant, before a reviewer's confirmation counts
consents_ending = Signal()  # grants: list[ConsentGrant], locked; sent before any of them is withdrawn
consent_withdrawn = Signal()  # grant: ConsentGrant, already withdrawn
voice_withdrawn = Signal()  # driving_audio_id: str, whose speaker has withdrawn
partner_suspended = Signal()  # partner: Partner, already suspended
