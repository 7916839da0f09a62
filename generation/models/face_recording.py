"""What recordings of a live check and of a registration share: words that were drawn, and a sealed file."""

from __future__ import annotations

from typing import Any

from django.db import models

from generation.models.erasable import Erasable


class FaceRecording(Erasable):
    """A video of somebody who turns their head and reads words, encrypted under a key of its own.

    `file_key` names the encrypted file, `sealed_key` is its key under the site's secret; without that key,
    which an erasure destroys first in the row (not in older backups of it), the file is noise. `sha256` is of
    the recording itself and stays, so that it is known when it comes again. `phrase_nonce` makes the phrase
    good for one recording.
    """

    phrase_nonce = models.CharField(max_length=32, unique=True, editable=False)
    language = models.CharField(max_length=10)
    words: models.JSONField[Any, Any] = models.JSONField(default=list)
    turn = models.CharField(max_length=8)
    is_live = models.BooleanField(help_text="The page recorded it itself; else a file was chosen.")
    content_type = models.CharField(max_length=40)
    file_key = models.CharField(max_length=200)
    sealed_key = models.TextField(blank=True, editable=False)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveIntegerField()
    checked_at = models.DateTimeField(null=True, blank=True)
    warnings: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)

    class Meta:
        abstract = True
