"""A page in its other languages."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language


def other_languages(name: str, *arguments: str) -> dict[str, list[tuple[str, str, str]]]:
    """For a template: `languages`, each as address, code and name."""
    here = reverse(name, args=arguments)
    others = [(code, name) for code, name in settings.LANGUAGES if code != get_language()]
    return {"languages": [(f"{here}?lang={code}", code, name) for code, name in others]}
