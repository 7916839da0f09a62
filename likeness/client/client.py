"""The client for partners, and for anybody who verifies by a service."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import requests

from likeness.client.answers import (
    ConsentInfo,
    ConsentRequestInfo,
    DrivingAudioInfo,
    JobInfo,
    PortraitInfo,
    RenditionInfo,
    SubjectInfo,
)
from likeness.client.collection_calls import CollectionCalls
from likeness.client.decoding import decode
from likeness.client.errors import DownloadDamaged, JobNotReleased, WaitTimedOut
from likeness.client.live_calls import LiveCalls
from likeness.client.resumable import PIECE_BYTES as UPLOAD_PIECE_BYTES
from likeness.client.resumable import upload_in_pieces
from likeness.errors import FileUnreadable, ServiceRefusal, ServiceUnreachable
from likeness.transport import PIECE_BYTES, Transport, json_answer, retry_after_s
from likeness.verification import VerificationResult
from provenance.common.errors import CodedError

STILL_MOST_BYTES = 4 * 1024 * 1024
POLL_AGAIN_S, SHORTEST_PAUSE_S = 2.0, 0.1
CAPTURE_S = 450.0  # that the service may take to capture a performer's video of two minutes
# The service is there and cannot answer now: rate limit, start-up, maintenance.
_PASSING = {429, 502, 503, 504}

FilePath = str | PathLike[str]


class Look(NamedTuple):
    """How far a job is, when to look again, and what to raise where there is no time for that."""

    job: JobInfo | None
    sealed: RenditionInfo | None
    wait_s: float
    failure: CodedError


class Client(CollectionCalls, LiveCalls):
    """Calls the service at `server` (such as `https://your.host`), as the partner whose key is `api_key`.

    Without a key everything public works: `verify`, `evidence`, `verification_keys`. Every method raises
    `ServiceUnreachable`, and `ServiceRefusal` with the service's own code, sentence and hint. Not safe to
    share between threads; a context manager, and `close` without one.
    """

    def __init__(self, server: str, api_key: str | None = None, *, timeout_s: float = 90.0) -> None:
        """`timeout_s` is how long the service may be silent in one call. Raises ValueError for what can be no
        key."""
        address = server.rstrip("/").removesuffix("/v1")
        self._transport = Transport(f"{address}/v1", api_key=api_key, timeout_s=timeout_s)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    # --- portraits, speech, consent ----------------------------------------------------------------------

    def create_subject(self, display_name: str, *, email: str = "", phone: str = "") -> SubjectInfo:
        """Name the person, or what else portraits will show.

        A living person is asked at `email`, or else at `phone`: an address of their own, not of your
        organisation.
        """
        body = {"display_name": display_name, "email": email, "phone": phone}
        return decode(
            SubjectInfo, self._post("/subjects", {name: value for name, value in body.items() if value})
        )

    def upload_portrait(
        self,
        file: FilePath,
        *,
        subject_id: str,
        face_box: Sequence[float] | None = None,
        background: str | None = None,
    ) -> PortraitInfo:
        """Upload one picture of a subject. The same picture again gives the same portrait.

        `face_box` (left, top, width, height) chooses one face of several: a box in the `details` of the
        refusal `several_faces`. `background` (`#rrggbb`) fills transparent parts.
        """
        fields = {"subject_id": subject_id}
        if face_box is not None:
            fields["face_box"] = ",".join(f"{value:.1f}" for value in face_box)
        if background is not None:
            fields["background"] = background
        return decode(PortraitInfo, self._upload("/portraits", file, fields))

    def read_still(self, portrait_id: str) -> bytes:
        """The neutral still of a portrait, a PNG: what a video of it begins with."""
        return self._transport.read(f"/portraits/{portrait_id}/still", limit_bytes=STILL_MOST_BYTES)

    def upload_audio(
        self,
        file: FilePath,
        *,
        voice: str | None = None,
        speaker_id: str | None = None,
        purpose: str | None = None,
        title: str | None = None,
    ) -> DrivingAudioInfo:
        """Upload speech. The same sound again gives the same driving audio.

        `voice` says whose voice it is: `own` (of your own people, who agreed), `synthetic`, or `speaker`: the
        subject `speaker_id` is asked, with the `purpose`. Without it a reviewer looks at every video made
        with it. `title` is what you call the recording.
        """
        given = {"voice": voice, "speaker_id": speaker_id, "purpose": purpose, "title": title}
        fields = {name: value for name, value in given.items() if value is not None}
        return decode(DrivingAudioInfo, self._upload("/driving-audio", file, fields))

    def upload_motion(
        self, driving_audio_id: str, file: FilePath, *, performer_consent: str
    ) -> DrivingAudioInfo:
        """Upload the motion of whoever performed to a recording: a Live Link Face CSV, or a video of them.

        Either begins with the recording. The motion is captured from a video, which takes about as long as
        the recording and which is not kept. `performer_consent` says where the performer's signed consent
        is kept; you attest with it that they agreed. A job uses it with `motion={"lips": "speech"}`.
        """
        path, form = f"/driving-audio/{driving_audio_id}/motion", {"performer_consent": performer_consent}
        return decode(DrivingAudioInfo, self._upload(path, file, form, timeout_s=CAPTURE_S))

    def request_consent(
        self,
        portrait_id: str,
        *,
        basis: str,
        purpose: str,
        valid_until: datetime,
        max_videos: int,
        statement: str = "",
    ) -> ConsentRequestInfo:
        """Ask the subject of a portrait at their own address, or a reviewer where there is nobody to ask.

        `basis` is `own_likeness`, `other_person`, `nonexistent_person` or `public_domain_artwork`, the last
        two with a `statement`; `valid_until` carries a time zone.
        """
        body = {
            "portrait_id": portrait_id,
            "basis": basis,
            "purpose": purpose,
            "valid_until": valid_until.isoformat(),
            "max_videos": max_videos,
            "statement": statement,
        }
        return decode(ConsentRequestInfo, self._post("/consents", body))

    def read_consent(self, consent_id: str) -> ConsentInfo:
        """One consent and its state now: `granted` is the one under which jobs run."""
        return decode(ConsentInfo, self._get(f"/consents/{consent_id}"))

    # --- jobs and videos ---------------------------------------------------------------------------------

    def create_job(
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
        """Ask for one video.

        `direction` is the JSON of a performance over time: keyframes of controls, and a layer that is added.
        With `motion` the performer moves the face whose motion the recording has; its `lips` say whose the
        lips are, "speech" or "performer".
        `video` may have its `aspect` ("1:1", "9:16", "16:9", "picture"), `size` (shorter side in pixels),
        `fps` and `fill` ("blur" or #rrggbb); what is left out is as the service has it. `disclosure` may have
        the visible label's `preset` ("eu", "china", ...), `language`, `place`, `first_seconds`, `sound_cue`.
        `title` is what you call the video. With the same `idempotency_key` a repeated call gets the first
        answer and no second job, for 24 hours; without one each call is a request of its own.
        """
        body: dict[str, Any] = {"portrait_id": portrait_id, "driving_audio_id": driving_audio_id}
        body |= {"controls": dict(controls or {}), "seed": seed}
        if video is not None:
            body["video"] = dict(video)
        if disclosure is not None:
            body["disclosure"] = dict(disclosure)
        if direction is not None:
            body["direction"] = dict(direction)
        if title is not None:
            body["title"] = title
        if motion is not None:
            body["motion"] = dict(motion)
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        return decode(JobInfo, self._transport.json("POST", "/jobs", json=body, headers=headers))

    def read_job(self, job_id: str) -> JobInfo:
        """One job as it is now."""
        return decode(JobInfo, self._get(f"/jobs/{job_id}"))

    def cancel_job(self, job_id: str) -> JobInfo:
        """Stop a job that waits or runs. Cancelling it again changes nothing."""
        return decode(JobInfo, self._transport.json("POST", f"/jobs/{job_id}/cancel"))

    def wait(
        self,
        job_id: str,
        *,
        timeout_s: float = 900.0,
        on_progress: Callable[[JobInfo], None] | None = None,
    ) -> RenditionInfo:
        """Ask until the job's video is released, a review included; `on_progress` gets every answer.

        Goes on through a service that is away or busy for a while. Raises `JobNotReleased` if the job ends
        otherwise, and after `timeout_s` `WaitTimedOut` or what kept the service from answering.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            seen = self.look(job_id)
            if seen.job is not None and on_progress is not None:
                on_progress(seen.job)
            if seen.sealed is not None:
                return seen.sealed
            _sleep(seen.wait_s, deadline=deadline, otherwise=seen.failure)

    def look(self, job_id: str) -> Look:
        """One step of `wait`: the job, and its video if that is released.

        Raises `JobNotReleased` if the job ended otherwise.
        """
        try:
            response = self._transport.send("GET", f"/jobs/{job_id}")
        except ServiceUnreachable as error:
            return Look(None, None, POLL_AGAIN_S, error)
        except ServiceRefusal as error:
            if error.status not in _PASSING:
                raise
            return Look(None, None, _pause_s(error.retry_after_s), error)
        job = decode(JobInfo, json_answer(response))
        failure = WaitTimedOut(f"The job {job.id} is still {job.state}.")
        if job.state == "released" and job.rendition_id is not None:
            return Look(job, self.read_rendition(job.rendition_id), 0.0, failure)
        if job.is_over:
            raise JobNotReleased(job)
        return Look(job, None, _pause_s(retry_after_s(response)), failure)

    def read_rendition(self, rendition_id: str) -> RenditionInfo:
        """One sealed video and whether it may be downloaded."""
        return decode(RenditionInfo, self._get(f"/renditions/{rendition_id}"))

    def download(self, rendition_id: str, to: FilePath) -> Path:
        """Write a released video to the path `to`, and return it.

        The file appears under its name only when it is whole and has the SHA-256 that was sealed; else
        `DownloadDamaged`.
        """
        target = Path(to)
        sealed = self.read_rendition(rendition_id)
        partial = target.with_name(f"{target.name}.partial")
        digest = hashlib.sha256()
        try:
            with (
                self._transport.send("GET", f"/renditions/{rendition_id}/file", stream=True) as response,
                partial.open("wb") as file,
            ):
                for piece in response.iter_content(PIECE_BYTES):
                    digest.update(piece)
                    file.write(piece)
            if digest.hexdigest() != sealed.sha256:
                raise DownloadDamaged
            partial.replace(target)
        except requests.RequestException as error:
            raise ServiceUnreachable("The connection broke during the download.") from error
        except OSError as error:
            raise FileUnreadable(f"{target} cannot be written: {error.strerror}.") from error
        finally:
            partial.unlink(missing_ok=True)
        return target

    # --- for anybody -------------------------------------------------------------------------------------

    def verify(self, file: FilePath, *, timeout_s: float = 600.0) -> VerificationResult:
        """The service's verdict on a file of up to 100 MB, which it deletes as soon as it has one.

        Where the service answers later, this waits. Raises `WaitTimedOut` after `timeout_s`.
        """
        deadline = time.monotonic() + timeout_s
        with _opened(file) as stream:
            response = self._transport.send("POST", "/verify", files={"file": (Path(file).name, stream)})
        document = json_answer(response)
        while response.status_code == requests.codes.accepted or document.get("state") == "waiting":
            late = WaitTimedOut("The service has not come to this file yet.")
            _sleep(_pause_s(retry_after_s(response)), deadline=deadline, otherwise=late)
            response = self._transport.send("GET", f"/verify/{document['id']}")
            document = json_answer(response)
        problem = document.get("problem")
        if problem is not None:
            raise ServiceRefusal(problem["title"], code=problem["code"], status=422, hint=problem["hint"])
        return VerificationResult.from_json(document if "state" not in document else document["verdict"])

    def evidence(self, rendition_id: str) -> dict[str, Any]:
        """The evidence bundle of a released video: with `verification_keys`, all that `verify_file` needs."""
        return self._get(f"/evidence/{rendition_id}")

    def verification_keys(self) -> dict[str, Any]:
        """The service's public keys. Take them once over a way that is trusted, and keep them."""
        return self._get("/verification-keys")

    def _get(self, path: str) -> dict[str, Any]:
        return self._transport.json("GET", path)

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._transport.json("POST", path, json=body)

    def _upload(
        self, path: str, file: FilePath, form: dict[str, str], *, timeout_s: float | None = None
    ) -> dict[str, Any]:
        """Send a form with a file; a large file before it, in pieces."""
        with _opened(file) as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(0)
            if size > UPLOAD_PIECE_BYTES:
                upload = upload_in_pieces(self._transport, Path(file), stream, size)
                files: dict[str, Any] = {"upload_id": (None, upload)}
            else:
                files = {"file": (Path(file).name, stream)}
            return self._transport.json("POST", path, files=files, data=form, timeout_s=timeout_s)


def _opened(file: FilePath) -> Any:
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise FileUnreadable(f"{file} cannot be read: {error.strerror}.") from error


def _pause_s(asked_s: float | None) -> float:
    """How long to wait before asking again, when the service asks for so long or for nothing."""
    return POLL_AGAIN_S if asked_s is None else max(asked_s, SHORTEST_PAUSE_S)


def _sleep(wait_s: float, *, deadline: float, otherwise: Exception) -> None:
    """Wait `wait_s` seconds, or raise `otherwise` where that would go beyond the deadline."""
    if time.monotonic() + wait_s > deadline:
        raise otherwise
    time.sleep(wait_s)
