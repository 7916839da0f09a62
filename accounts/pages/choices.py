"""Choices of forms in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


def in_language(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str | Promise]]:
    """Values with their labels, each looked up when it is shown.

    The labels of states, roles and policies are English where they are defined, as e-mails, exports and the
    API take them from there.
    """
    return [(value, gettext_lazy(label)) for value, label in choices]
