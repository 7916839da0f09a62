"""From a claimed session to a sealed record, with a face that only sways."""

from __future__ import annotations

import hashlib
import io
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from accounts.access.actors import actor_of
from accounts.models import ConsentGrant, Partner, User
from accounts.services import partners
from generation.live.segment_signing import is_signed
from generation.live.wire import Kind, WireBroken, packed, packed_json, read_message
from generation.models import LiveSession
from generation.services.live import spool, streaming
from generation.services.live.by_log import session_differences
from generation.services.live.ending import end_session, take_down
from generation.services.live.reasons import LiveEnd
from generation.services.live.sealing import seal_session
from generation.services.live.starting import claim_session, start_session
from generation.services.live.streaming import SessionStreamer
from provenance.log.entries import LogEvent
from provenance.models.log import LogEntry
from provenance.models.record import Record, RecordState
from provenance.selectors.decisions import RowContradictsLog
from provenance.selectors.evidence import record_facts
from provenance.services.verify import verify_file
from provenance.verify.verdict.kind import VerdictKind
from tests.generation.live.conftest import Open
from tests.generation.live.live_face import RATE, SwayingLiveAnimator
from tests.generation.pipeline.moving_portrait import portrait

Speak = Callable[[Callable[[bytes], None]], None]


@pytest.fixture
def claimed(
    open_live: Open, live_grant: ConsentGrant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> LiveSession:
    monkeypatch.setattr(streaming, "_portrait_pixels", lambda session: portrait("amara", 256))
    return claim_session(open_live().token)


def streamed(session: LiveSession, speak: Speak) -> list[tuple[Kind, bytes]]:
    """What the process of a session says, to which `speak` is said in another thread."""
    (source, tell), (hear, out) = os.pipe(), os.pipe()
    heard: list[tuple[Kind, bytes]] = []

    def listen() -> None:
        with os.fdopen(hear, "rb") as told:
            try:
                while True:
                    heard.append(read_message(told))
            except WireBroken:
                return

    def say() -> None:
        with os.fdopen(tell, "wb", buffering=0) as telling:
            while not any(kind in {Kind.MEDIA, Kind.END} for kind, _ in heard):
                time.sleep(0.01)
            speak(lambda message: (telling.write(message), None)[1])

    threads = [threading.Thread(target=work) for work in (listen, say)]
    for thread in threads:
        thread.start()
    with os.fdopen(source, "rb") as read, os.fdopen(out, "wb") as write:
        SessionStreamer(session.pk, SwayingLiveAnimator(), read, write).run()
    for thread in threads:
        thread.join()
    session.refresh_from_db()
    return heard


def speak_a_little(tell: Callable[[bytes], None]) -> None:
    """A second and a half of sound, and the end."""
    tell(packed(Kind.SOUND, (np.sin(np.arange(RATE * 2) / 20) * 8000).astype("<i2").tobytes()))
    time.sleep(1.5)
    tell(packed_json(Kind.CONTROL, {"type": "direct", "controls": {"gaze_yaw": 10}}))
    tell(packed_json(Kind.CONTROL, {"type": "direct", "controls": {"gaze_yaw": 1000}}))
    tell(packed_json(Kind.CONTROL, {"type": "end", "reason": LiveEnd.ENDED_BY_PARTNER.value}))


def notes(heard: list[tuple[Kind, bytes]], kind: str) -> list[dict[str, object]]:
    told = [json.loads(payload) for which, payload in heard if which is Kind.NOTE]
    return [note for note in told if note["type"] == kind]


@pytest.mark.slow
def test_what_is_spoken_is_streamed_ended_logged_sealed_and_verified(
    claimed: LiveSession, tmp_path: Path
) -> None:
    heard = streamed(claimed, speak_a_little)
    data = b"".join(payload for kind, payload in heard if kind is Kind.MEDIA)
    with av.open(io.BytesIO(data)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert frames >= 20
    # The viewer is told when everything is ready, and the head of the stream comes with it.
    assert [kind for kind, _ in heard[:2]] == [Kind.NOTE, Kind.MEDIA]
    assert json.loads(heard[0][1])["type"] == "ready"
    assert notes(heard, "ready")[0]["id"] == claimed.pk
    assert notes(heard, "checked")[0]["segment"] == 0
    assert notes(heard, "refused")[0]["code"] == "controls_invalid"
    assert json.loads(heard[-1][1])["code"] == "ended_by_partner"
    assert claimed.reason_code == "ended_by_partner"
    assert (spool.folder_of(claimed.pk) / "stream.mp4").read_bytes() == data

    hashes = spool.segment_hashes(claimed.pk)
    assert [note["sha256"] for note in notes(heard, "segment")] == [one.hex() for one in hashes]
    started = LogEntry.objects.get(event=LogEvent.LIVE_STARTED).entry.data
    (key,) = {note["segment_key"] for note in notes(heard, "ready")}
    assert key == started["segment_key"]
    for note, digest in zip(notes(heard, "segment"), hashes, strict=True):
        number, signature = int(str(note["number"])), str(note["signature"])
        assert is_signed(str(key), claimed.pk, number, digest, signature)
        assert not is_signed(str(key), claimed.pk, number + 1, digest, signature)
        assert not is_signed(str(key), claimed.pk, number, bytes(32), signature)
    assert seal_session(claimed.pk, SwayingLiveAnimator())
    claimed.refresh_from_db()
    record = Record.objects.get(pk=claimed.pk)
    facts = record_facts(watermark_id=claimed.watermark_id or "")
    logged = LogEntry.objects.get(event=LogEvent.LIVE_HASHED).entry.data
    assert record.state == RecordState.RELEASED
    assert facts is not None
    assert facts.is_in_log
    assert facts.is_live
    assert claimed.frames == frames == logged["frames"]
    assert bytes(claimed.segment_hashes) == b"".join(hashes)
    assert logged["segments_digest"] == hashlib.sha256(b"".join(hashes)).hexdigest()
    assert not spool.folder_of(claimed.pk).exists()

    assert not seal_session(claimed.pk, SwayingLiveAnimator())
    assert Record.objects.count() == 1
    assert session_differences(claimed) == []

    recording = tmp_path / "recording.mp4"
    recording.write_bytes(data)
    found = verify_file(recording)
    assert (found.kind, found.rendition_id) == (VerdictKind.OURS_RECORDED, claimed.pk)


@pytest.mark.slow
def test_a_session_whose_row_was_edited_is_not_sealed_and_is_named(claimed: LiveSession) -> None:
    streamed(claimed, speak_a_little)
    LiveSession.objects.update(watermark_id="0000deadbeef", seed=8)
    claimed.refresh_from_db()
    assert {"watermark_id", "seed"} <= set(session_differences(claimed))
    with pytest.raises(RowContradictsLog):
        seal_session(claimed.pk, SwayingLiveAnimator())
    assert not Record.objects.exists()
    assert spool.folder_of(claimed.pk).exists()


@pytest.mark.slow
def test_what_a_killed_process_left_is_sealed_and_withdrawn_where_nobody_may_have_it(
    claimed: LiveSession, partner_a: Partner, otto: User
) -> None:
    """The stream ends in the middle of a fragment and of a segment; then the partner is suspended."""
    streamed(claimed, speak_a_little)
    folder = spool.folder_of(claimed.pk)
    whole = (folder / "stream.mp4").read_bytes()
    (folder / "stream.mp4").write_bytes(whole[:-100])
    (folder / "segments").write_bytes((folder / "segments").read_bytes()[:-3])
    partners.suspend(partner_id=partner_a.pk, actor=actor_of(otto), reason="Misuse was reported.")
    assert seal_session(claimed.pk, SwayingLiveAnimator())
    record = Record.objects.get(pk=claimed.pk)
    assert (record.state, record.withdrawal_reason) == (RecordState.WITHDRAWN, "partner_suspended")


@pytest.mark.slow
def test_the_end_of_the_input_ends_the_session(claimed: LiveSession) -> None:
    heard = streamed(claimed, lambda tell: time.sleep(0.3))
    assert json.loads(heard[-1][1])["code"] == "connection_lost"
    assert claimed.reason_code == "connection_lost"


@pytest.mark.slow
def test_a_session_that_ended_meanwhile_shows_nothing(claimed: LiveSession, alice: User) -> None:
    end_session(session_id=claimed.pk, reason=LiveEnd.ENDED_BY_PARTNER, actor=actor_of(alice))
    (source, tell), (hear, out) = os.pipe(), os.pipe()
    with os.fdopen(source, "rb") as read, os.fdopen(out, "wb") as write:
        SessionStreamer(claimed.pk, SwayingLiveAnimator(), read, write).run()
    os.close(tell)
    with os.fdopen(hear, "rb") as told:
        assert read_message(told)[0] is Kind.END
    assert not seal_session(claimed.pk, SwayingLiveAnimator())
    assert not Record.objects.exists()
    assert not spool.folder_of(claimed.pk).exists()


@pytest.mark.slow
def test_a_session_that_started_and_showed_nothing_is_closed_in_the_log(
    claimed: LiveSession, rita: User
) -> None:
    """On a machine so slow that its viewer left before the first picture: no record, and nothing is open."""
    start_session(claimed.pk)
    writer = spool.SpoolWriter(claimed.pk)
    writer.close()
    end_session(session_id=claimed.pk, reason=LiveEnd.CONNECTION_LOST)
    assert not seal_session(claimed.pk, SwayingLiveAnimator())
    claimed.refresh_from_db()
    assert claimed.sealed_at is not None
    assert LogEntry.objects.get(event=LogEvent.LIVE_HASHED).entry.data["frames"] == 0
    assert session_differences(claimed) == []
    assert not Record.objects.exists()
    assert not spool.folder_of(claimed.pk).exists()
    take_down(actor=actor_of(rita), session_id=claimed.pk)
    assert not seal_session(claimed.pk, SwayingLiveAnimator())
    assert LogEntry.objects.filter(event=LogEvent.LIVE_HASHED).count() == 1


@pytest.mark.slow
def test_a_reviewer_withdraws_a_sealed_session(claimed: LiveSession, rita: User) -> None:
    streamed(claimed, speak_a_little)
    seal_session(claimed.pk, SwayingLiveAnimator())
    take_down(actor=actor_of(rita), session_id=claimed.pk)
    assert Record.objects.get(pk=claimed.pk).state == RecordState.WITHDRAWN
