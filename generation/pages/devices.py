"""Which pages may use the camera or the microphone: no page may, except those that say so here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from django.conf import settings
from django_permissions_policy.decorators import permissions_policy_override

View = TypeVar("View", bound=Callable[..., Any])


def allows_devices(*devices: Literal["camera", "microphone"]) -> Callable[[View], View]:
    """A decorator: the page of the view may ask the reader for these devices, pages in its frames may not."""
    allowed: dict[str, str | list[str] | tuple[str]] = {device: ["self"] for device in devices}
    policy: dict[str, str | list[str] | tuple[str]] = {**settings.PERMISSIONS_POLICY, **allowed}
    return permissions_policy_override(policy)
