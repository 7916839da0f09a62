"""The partners' part of the API: portraits, driving audio, pre-flight, jobs, renditions."""

from __future__ import annotations

from ninja import Router

router = Router()
