"""The IdempotencyKey model: stored API responses, so that a repeated request gets the first response."""

from __future__ import annotations

from typing import Any

from django.db import models


class IdempotencyKey(models.Model):
    """One use of an Idempotency-Key header by a partner on a route.

    A row without a status is a request in flight. The answer is written in the transaction that did the
    work.
    """

    partner = models.ForeignKey("accounts.Partner", on_delete=models.CASCADE, related_name="+")
    route = models.CharField(max_length=60)
    key = models.CharField(max_length=255)
    body_sha256 = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("partner", "route", "key"), name="generation_idempotency_key_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
