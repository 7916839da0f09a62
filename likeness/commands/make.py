"""What a partner does on the way to a video: upload, ask for consent, create, watch, download."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from likeness.client.answers import JobInfo
from likeness.client.client import Client
from likeness.client.errors import DownloadDamaged, JobNotReleased
from likeness.commands.account import logged_in
from likeness.commands.outcome import PARTNER_EXIT_CODES, ExitCode, refuse, say
from likeness.json_files import json_object

BASES = ("own_likeness", "other_person", "nonexistent_person", "public_domain_artwork")
Act = Callable[[Client, argparse.Namespace], Any]


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    upload = _command(commands, "upload", _upload, "upload a portrait, speech or a performer's motion")
    upload.add_argument("kind", choices=("portrait", "audio", "motion"))
    upload.add_argument("file", type=Path, metavar="FILE")
    upload.add_argument("--subject", metavar="ID", help="who is in the portrait, if they were named before")
    upload.add_argument("--name", help="else, how a new subject is addressed")
    upload.add_argument("--email", default="", help="where a new subject is asked: an address of their own")
    upload.add_argument(
        "--voice",
        choices=("own", "synthetic"),
        help="whose voice a recording has, which you attest; else every video of it is reviewed",
    )
    upload.add_argument("--audio", metavar="ID", help="the recording that a motion belongs to")
    upload.add_argument(
        "--performer-consent", metavar="WHERE", help="where the performer's signed consent is kept"
    )
    consent = _command(commands, "consent", _consent, "ask for consent, or say how it stands")
    consent.add_argument("id", metavar="ID", help="of a portrait to ask for, or of a consent to read")
    consent.add_argument("--basis", choices=BASES, default="other_person")
    consent.add_argument("--purpose", help="shown to the subject word for word; asks for consent")
    consent.add_argument("--statement", default="", help="where there is nobody to ask: why")
    consent.add_argument("--days", type=int, default=365, help="how long it is to hold")
    consent.add_argument("--videos", type=int, default=10, help="how many videos it is to cover")
    create = _command(commands, "create", _create, "ask for a video")
    create.add_argument("portrait", metavar="PORTRAIT_ID")
    create.add_argument("audio", metavar="AUDIO_ID")
    create.add_argument("--seed", type=int)
    create.add_argument("--controls", type=Path, metavar="FILE", help="JSON of the controls")
    create.add_argument("--direction", type=Path, metavar="FILE", help="JSON of a direction over time")
    create.add_argument(
        "--lips",
        choices=("speech", "performer"),
        help="the recording's motion moves the face, with whose lips",
    )
    create.add_argument("--aspect", help="1:1, picture, 9:16 or 16:9")
    create.add_argument("--size", type=int, help="the shorter side in pixels")
    watch = _command(commands, "watch", _watch, "wait until a video is released")
    watch.add_argument("job", metavar="JOB_ID")
    watch.add_argument("--timeout", type=float, default=3600.0, metavar="SECONDS")
    download = _command(commands, "download", _download, "download a released video")
    download.add_argument("rendition", metavar="RENDITION_ID")
    download.add_argument("--to", type=Path, metavar="FILE", help="RENDITION_ID.mp4 if left out")


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, act: Act, words: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=words,
        description=words[0].upper() + words[1:] + ".",
        epilog=PARTNER_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=_runner(act), parser=command)
    return command


def _runner(act: Act) -> Callable[[argparse.Namespace], ExitCode]:
    def run(chosen: argparse.Namespace) -> ExitCode:
        """Call the service. Raises `CodedError`."""
        try:
            with logged_in() as client:
                answer = act(client, chosen)
        except (DownloadDamaged, JobNotReleased) as refusal:
            refuse(refusal, as_json=chosen.json)
            return ExitCode.DOES_NOT_HOLD
        if chosen.json:
            say(json.dumps(answer, default=str, indent=2))
        else:
            say(_line(answer))
        return ExitCode.HOLDS

    return run


def _line(answer: dict[str, Any]) -> str:
    """What a person needs of an answer: what to name next comes first."""
    shown = [str(answer[name]) for name in ("id", "file", "state", "sha256") if answer.get(name)]
    return " ".join(shown[:2])


def _upload(client: Client, chosen: argparse.Namespace) -> Any:
    if chosen.kind == "audio":
        return asdict(client.upload_audio(chosen.file, voice=chosen.voice))
    if chosen.kind == "motion":
        if not (chosen.audio and chosen.performer_consent):
            chosen.parser.error("a motion needs --audio ID and --performer-consent WHERE")
        return asdict(
            client.upload_motion(chosen.audio, chosen.file, performer_consent=chosen.performer_consent)
        )
    if not (chosen.subject or chosen.name):
        chosen.parser.error("a portrait needs --subject ID or --name NAME")
    subject = chosen.subject or client.create_subject(chosen.name, email=chosen.email).id
    return asdict(client.upload_portrait(chosen.file, subject_id=subject))


def _consent(client: Client, chosen: argparse.Namespace) -> Any:
    if chosen.purpose is None:
        return asdict(client.read_consent(chosen.id))
    return asdict(
        client.request_consent(
            chosen.id,
            basis=chosen.basis,
            purpose=chosen.purpose,
            valid_until=datetime.now(UTC) + timedelta(days=chosen.days),
            max_videos=chosen.videos,
            statement=chosen.statement,
        )
    )


def _create(client: Client, chosen: argparse.Namespace) -> Any:
    video = {name: getattr(chosen, name) for name in ("aspect", "size") if getattr(chosen, name) is not None}
    return asdict(
        client.create_job(
            chosen.portrait,
            chosen.audio,
            seed=chosen.seed,
            controls=json_object(chosen.controls) if chosen.controls else None,
            direction=json_object(chosen.direction) if chosen.direction else None,
            video=video or None,
            motion={"lips": chosen.lips} if chosen.lips else None,
        )
    )


def _watch(client: Client, chosen: argparse.Namespace) -> Any:
    def tell(job: JobInfo) -> None:
        if not chosen.json:
            say(f"{job.state} {job.progress.frames_done}/{job.progress.frames_total}")

    return asdict(client.wait(chosen.job, timeout_s=chosen.timeout, on_progress=tell))


def _download(client: Client, chosen: argparse.Namespace) -> Any:
    to = chosen.to or Path(f"{chosen.rendition}.mp4")
    return {"id": chosen.rendition, "file": str(client.download(chosen.rendition, to))}
