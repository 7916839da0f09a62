"""What a partner has: lists that are read to their end, and webhooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from likeness.client.answers import (
    ConsentInfo,
    DrivingAudioInfo,
    JobInfo,
    PortraitInfo,
    SampleInfo,
    SubjectInfo,
    WebhookInfo,
)
from likeness.client.decoding import decode
from likeness.errors import AnswerUnreadable
from likeness.transport import Transport

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Info = TypeVar("Info", bound="DataclassInstance")


class CollectionCalls:
    """The calls of a `Client` that are about many things. Lists are iterators that fetch page after page.

    Filters are the query parameters of the list: `state="released"`, `order="oldest"`,
    `created_after="2026-11-01T00:00:00Z"` and so on; the service refuses what a list does not have.
    """

    _transport: Transport

    def subjects(self, **filters: str) -> Iterator[SubjectInfo]:
        """The subjects that were named, newest first."""
        return self._listed(SubjectInfo, "/subjects", filters)

    def portraits(self, **filters: str) -> Iterator[PortraitInfo]:
        """The stored portraits, newest first."""
        return self._listed(PortraitInfo, "/portraits", filters)

    def recordings(self, **filters: str) -> Iterator[DrivingAudioInfo]:
        """The stored driving audio, newest first."""
        return self._listed(DrivingAudioInfo, "/driving-audio", filters)

    def consents(self, **filters: str) -> Iterator[ConsentInfo]:
        """The consents that were asked for, newest first."""
        return self._listed(ConsentInfo, "/consents", filters)

    def jobs(self, **filters: str) -> Iterator[JobInfo]:
        """The jobs, newest first."""
        return self._listed(JobInfo, "/jobs", filters)

    def add_sample(self, name: str) -> SampleInfo:
        """Add somebody who does not exist, and speech for them: `maya`, `kenji`, `amara` or `tomas`.

        The consent is in force at once. Added again, the same is given.
        """
        return decode(SampleInfo, self._transport.json("POST", f"/samples/{name}"))

    def usage(self) -> dict[str, Any]:
        """How many jobs, minutes and megabytes there are and may be."""
        return self._transport.json("GET", "/usage")

    def add_webhook(self, url: str, event_types: Sequence[str] = ()) -> WebhookInfo:
        """Name an address that is told what happens; of all event types unless some are named.

        The answer holds the secret that signs the messages (`verify_webhook`), this once.
        """
        body = {"url": url, "event_types": list(event_types)}
        return decode(WebhookInfo, self._transport.json("POST", "/webhooks", json=body))

    def delete_webhook(self, webhook_id: str) -> None:
        """Delete a webhook, with everything that waits to be sent to it."""
        self._transport.send("DELETE", f"/webhooks/{webhook_id}").close()

    def _listed(self, kind: type[Info], path: str, filters: dict[str, str]) -> Iterator[Info]:
        query = dict(filters)
        while True:
            page = self._transport.json("GET", path, params=query)
            items = page.get("items")
            if not isinstance(items, list):
                raise AnswerUnreadable("The answer is no list.")
            for item in items:
                yield decode(kind, item)
            if not page.get("next_cursor"):
                return
            query["cursor"] = page["next_cursor"]
