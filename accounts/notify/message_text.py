"""The words of a message in the recipient's language, and which language that is where nobody named one."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import User


def message_text(folder: str, template: str, *, language: str, context: Mapping[str, object]) -> str:
    """The text of `accounts/<folder>/<template>.txt`, taken from the language's own folder where it is there.

    `language` is a code of `LANGUAGES`. Days and numbers in it are written as that language does.
    """
    names = [f"accounts/{folder}/{language}/{template}.txt", f"accounts/{folder}/{template}.txt"]
    values = {**context, "provider_name": settings.LIKENESS_PROVIDER_NAME}
    with translation.override(language):
        return render_to_string(names, values).strip()


def subject_and_body(text: str) -> tuple[str, str]:
    """An e-mail's subject, which is the first line of its template, and its body."""
    subject, _, body = text.partition("\n")
    return subject, body.strip()


def language_of(address: str, *, otherwise: str = "") -> str:
    """The language in which who signs in with this address reads pages; else `otherwise`, else English."""
    kept = User.objects.filter(email=address.strip().lower()).values_list("language", flat=True).first()
    return kept or otherwise or settings.LANGUAGE_CODE


def keep_language(user: User, language: str) -> None:
    """Write messages to this person in the language in which they read pages."""
    if language and language != user.language:
        user.language = language
        user.save(update_fields=["language"])
