"""The client for programs that run an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from likeness.client.answers import (
    ConsentInfo,
    ConsentRequestInfo,
    DrivingAudioInfo,
    JobInfo,
    LiveInfo,
    LiveOpenedInfo,
    PortraitInfo,
    RenditionInfo,
    SampleInfo,
    SubjectInfo,
    WebhookInfo,
)
from likeness.client.client import Client, FilePath
from likeness.verification import VerificationResult

CALLS_AT_ONCE = 8

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
_END: Any = object()


class AsyncClient:
    """As `Client`, with the same methods, arguments and exceptions, to be awaited.

    Each call runs in one of a few threads of its own, each with connections of its own, so that up to
    CALLS_AT_ONCE go on at a time and the event loop goes on meanwhile. An async context manager, and `close`
    without one. A call whose awaiting is cancelled ends by itself.
    """

    def __init__(self, server: str, api_key: str | None = None, *, timeout_s: float = 90.0) -> None:
        """As `Client`."""
        self._arguments = (server, api_key, timeout_s)
        self._threads = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="likeness")
        self._own = threading.local()
        self._clients: list[Client] = []

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Wait for calls that go on, and close the connections."""
        await asyncio.to_thread(self._threads.shutdown)
        for client in self._clients:
            client.close()

    async def create_subject(self, display_name: str, *, email: str = "", phone: str = "") -> SubjectInfo:
        """As `Client.create_subject`."""
        return await self._call(Client.create_subject, display_name, email=email, phone=phone)

    async def upload_portrait(
        self,
        file: FilePath,
        *,
        subject_id: str,
        face_box: Sequence[float] | None = None,
        background: str | None = None,
    ) -> PortraitInfo:
        """As `Client.upload_portrait`."""
        return await self._call(
            Client.upload_portrait, file, subject_id=subject_id, face_box=face_box, background=background
        )

    async def read_still(self, portrait_id: str) -> bytes:
        """As `Client.read_still`."""
        return await self._call(Client.read_still, portrait_id)

    async def upload_audio(
        self,
        file: FilePath,
        *,
        voice: str | None = None,
        speaker_id: str | None = None,
        purpose: str | None = None,
        title: str | None = None,
    ) -> DrivingAudioInfo:
        """As `Client.upload_audio`."""
        return await self._call(
            Client.upload_audio, file, voice=voice, speaker_id=speaker_id, purpose=purpose, title=title
        )

    async def upload_motion(
        self, driving_audio_id: str, file: FilePath, *, performer_consent: str
    ) -> DrivingAudioInfo:
        """As `Client.upload_motion`."""
        return await self._call(
            Client.upload_motion, driving_audio_id, file, performer_consent=performer_consent
        )

    async def open_live(
        self, portrait_id: str, *, voice: str, keep: bool = False, **choices: Any
    ) -> LiveOpenedInfo:
        """As `Client.open_live`."""
        return await self._call(Client.open_live, portrait_id, voice=voice, keep=keep, **choices)

    async def read_live(self, session_id: str) -> LiveInfo:
        """As `Client.read_live`."""
        return await self._call(Client.read_live, session_id)

    async def request_consent(
        self,
        portrait_id: str,
        *,
        basis: str,
        purpose: str,
        valid_until: datetime,
        max_videos: int,
        statement: str = "",
    ) -> ConsentRequestInfo:
        """As `Client.request_consent`."""
        return await self._call(
            Client.request_consent,
            portrait_id,
            basis=basis,
            purpose=purpose,
            valid_until=valid_until,
            max_videos=max_videos,
            statement=statement,
        )

    async def read_consent(self, consent_id: str) -> ConsentInfo:
        """As `Client.read_consent`."""
        return await self._call(Client.read_consent, consent_id)

    async def create_job(
        self,
        portrait_id: str,
        driving_audio_id: str,
        *,
        controls: Mapping[str, float | str] | None = None,
        direction: Mapping[str, Any] | None = None,
        seed: int | None = None,
        video: Mapping[str, str | int] | None = None,
        disclosure: Mapping[str, str | int | bool | None] | None = None,
        title: str | None = None,
        motion: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> JobInfo:
        """As `Client.create_job`."""
        return await self._call(
            Client.create_job,
            portrait_id,
            driving_audio_id,
            controls=controls,
            direction=direction,
            seed=seed,
            video=video,
            disclosure=disclosure,
            title=title,
            motion=motion,
            idempotency_key=idempotency_key,
        )

    async def read_job(self, job_id: str) -> JobInfo:
        """As `Client.read_job`."""
        return await self._call(Client.read_job, job_id)

    async def cancel_job(self, job_id: str) -> JobInfo:
        """As `Client.cancel_job`."""
        return await self._call(Client.cancel_job, job_id)

    async def wait(
        self,
        job_id: str,
        *,
        timeout_s: float = 900.0,
        on_progress: Callable[[JobInfo], None] | None = None,
    ) -> RenditionInfo:
        """As `Client.wait`; `on_progress` is called in the event loop, and no thread waits."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while True:
            seen = await self._call(Client.look, job_id)
            if seen.job is not None and on_progress is not None:
                on_progress(seen.job)
            if seen.sealed is not None:
                return seen.sealed
            if loop.time() + seen.wait_s > deadline:
                raise seen.failure
            await asyncio.sleep(seen.wait_s)

    async def read_rendition(self, rendition_id: str) -> RenditionInfo:
        """As `Client.read_rendition`."""
        return await self._call(Client.read_rendition, rendition_id)

    async def download(self, rendition_id: str, to: FilePath) -> Path:
        """As `Client.download`."""
        return await self._call(Client.download, rendition_id, to)

    async def verify(self, file: FilePath, *, timeout_s: float = 600.0) -> VerificationResult:
        """As `Client.verify`."""
        return await self._call(Client.verify, file, timeout_s=timeout_s)

    async def evidence(self, rendition_id: str) -> dict[str, Any]:
        """As `Client.evidence`."""
        return await self._call(Client.evidence, rendition_id)

    async def verification_keys(self) -> dict[str, Any]:
        """As `Client.verification_keys`."""
        return await self._call(Client.verification_keys)

    async def add_sample(self, name: str) -> SampleInfo:
        """As `Client.add_sample`."""
        return await self._call(Client.add_sample, name)

    async def usage(self) -> dict[str, Any]:
        """As `Client.usage`."""
        return await self._call(Client.usage)

    async def add_webhook(self, url: str, event_types: Sequence[str] = ()) -> WebhookInfo:
        """As `Client.add_webhook`."""
        return await self._call(Client.add_webhook, url, event_types)

    async def delete_webhook(self, webhook_id: str) -> None:
        """As `Client.delete_webhook`."""
        await self._call(Client.delete_webhook, webhook_id)

    def subjects(self, **filters: str) -> AsyncIterator[SubjectInfo]:
        """As `Client.subjects`, for `async for`."""
        return self._listed(lambda client: client.subjects(**filters))

    def portraits(self, **filters: str) -> AsyncIterator[PortraitInfo]:
        """As `Client.portraits`, for `async for`."""
        return self._listed(lambda client: client.portraits(**filters))

    def recordings(self, **filters: str) -> AsyncIterator[DrivingAudioInfo]:
        """As `Client.recordings`, for `async for`."""
        return self._listed(lambda client: client.recordings(**filters))

    def consents(self, **filters: str) -> AsyncIterator[ConsentInfo]:
        """As `Client.consents`, for `async for`."""
        return self._listed(lambda client: client.consents(**filters))

    def jobs(self, **filters: str) -> AsyncIterator[JobInfo]:
        """As `Client.jobs`, for `async for`."""
        return self._listed(lambda client: client.jobs(**filters))

    async def _call(self, method: Callable[..., Answer], *values: Any, **named: Any) -> Answer:
        """One call of a method of `Client`, in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: method(self._client(), *values, **named))

    async def _listed(self, begin: Callable[[Client], Iterator[Answer]]) -> AsyncIterator[Answer]:
        # An iterator holds the client it began with, and is only ever at work in one thread at a time.
        client = Client(self._arguments[0], self._arguments[1], timeout_s=self._arguments[2])
        loop = asyncio.get_running_loop()
        rows = begin(client)
        try:
            while (row := await loop.run_in_executor(self._threads, next, rows, _END)) is not _END:
                yield row
        finally:
            client.close()

    def _client(self) -> Client:
        """The client of the thread at work."""
        found: Client | None = getattr(self._own, "client", None)
        if found is None:
            server, api_key, timeout_s = self._arguments
            found = self._own.client = Client(server, api_key, timeout_s=timeout_s)
            self._clients.append(found)
        return found
