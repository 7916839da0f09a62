"""The LogCosignature model: a witness's signature under one of the log's checkpoints."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class LogCosignature(models.Model):
    """That a witness signed the checkpoint of `size` entries. `line` is its signature line, as it came."""

    size = models.BigIntegerField()
    witness = models.CharField(max_length=200, help_text="The witness's public key in one line.")
    line = models.TextField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["size", "witness"], name="log_cosignature_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["witness", "size"], name="log_cosignature_newest")]

    def __str__(self) -> str:
        return f"{self.witness.partition('+')[0]} under {self.size} entries"
