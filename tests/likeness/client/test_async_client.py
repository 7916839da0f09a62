"""The async client has the calls of the other one, and waits without holding a thread."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import Partner
from likeness import AsyncClient, Client, JobNotReleased, ServiceRefusal, WaitTimedOut
from likeness.client.async_client import CALLS_AT_ONCE
from tests.factories import issue_key
from tests.likeness.client.stub_service import Prepared, StubService
from tests.likeness.client.test_client_refusals import job, rendition

STEPS = {"look"}  # what `wait` is made of


def public(kind: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(method)
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and name not in STEPS
    }


def test_it_has_every_call_with_the_same_arguments() -> None:
    plain, awaited = public(Client), public(AsyncClient)
    assert plain.keys() == awaited.keys()
    for name, signature in plain.items():
        assert list(signature.parameters.values()) == list(awaited[name].parameters.values()), name


@pytest.mark.django_db(transaction=True)
def test_calls_go_on_at_the_same_time(live_server: LiveServer, partner_a: Partner) -> None:
    key = issue_key(partner_a)

    async def main() -> tuple[set[str], list[str], str]:
        async with AsyncClient(live_server.url, key) as likeness:
            made = [await likeness.create_subject(f"Subject {n}") for n in range(4)]
            assert len(await asyncio.gather(*(likeness.usage() for _ in range(4)))) == 4
            listed = [subject.id async for subject in likeness.subjects(order="oldest")]
            with pytest.raises(ServiceRefusal) as refused:
                await likeness.read_job("job_nothing")
            return {subject.id for subject in made}, listed, refused.value.code

    made, listed, code = asyncio.run(main())
    assert (made, code) == (set(listed), "not_found")


def test_more_jobs_are_waited_for_than_there_are_threads(stub: StubService, tmp_path: Path) -> None:
    stub.prepare("/v1/jobs/job_1", *[job("animating")] * 12, job("released", rendition_id="rnd_1"))
    stub.prepare("/v1/renditions/rnd_1", rendition(hashlib.sha256(b"video").hexdigest()))
    stub.prepare("/v1/renditions/rnd_1/file", Prepared(200, b"video"))
    stub.prepare("/v1/jobs/job_2", job("failed"))
    stub.prepare("/v1/jobs/job_3", job("animating"))
    seen: list[str] = []

    async def main() -> None:
        async with AsyncClient(stub.url, "lk_1") as likeness:
            waits = [likeness.wait("job_1", on_progress=lambda now: seen.append(now.state))]
            waits += [likeness.wait("job_1") for _ in range(CALLS_AT_ONCE)]
            videos = await asyncio.gather(*waits)
            assert {video.id for video in videos} == {"rnd_1"}
            path = await likeness.download("rnd_1", tmp_path / "video.mp4")
            assert path.read_bytes() == b"video"
            with pytest.raises(JobNotReleased):
                await likeness.wait("job_2")
            with pytest.raises(WaitTimedOut):
                await likeness.wait("job_3", timeout_s=0.3)

    asyncio.run(main())
    assert seen[-1] == "released"
