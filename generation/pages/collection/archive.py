"""Released videos with all that proves them, as one ZIP archive that is made while it is sent."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from typing import IO, Any, Final, cast

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.access.policy import require_partner
from generation import selectors, storage
from generation.by_log import downloadable_rendition
from generation.choices.disclosures import CHINA, aigc_producer, disclosure_of
from generation.disclosure.aigc import aigc_metadata
from generation.disclosure.captions import captions
from generation.models import Job, Rendition
from provenance.common.errors import InvalidInput
from provenance.selectors import evidence

MOST_VIDEOS: Final = 50
PIECE_BYTES: Final = 256 * 1024
HOW_TO_CHECK: Final = """\
Each folder holds a video, its evidence bundle, a caption track and what it was made with.

To check a video without the service, with the package likeness of this version:

    likeness verify VIDEO.mp4 --keys verification-keys.json --bundle evidence.json

The verification keys are those that the service named when this archive was made. Compare them with keys that
you took over another way: a check with keys from the same hand proves only what that hand says.
"""


class _Sent:
    """A file that is written to and taken away in pieces, and cannot be searched."""

    def __init__(self) -> None:
        self._written = bytearray()
        self._before = 0

    def write(self, data: bytes) -> int:
        """Take what the archive writes."""
        self._written += data
        return len(data)

    def tell(self) -> int:
        """How much was written so far."""
        return self._before + len(self._written)

    def flush(self) -> None:
        """Nothing waits."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        piece, self._written = bytes(self._written), bytearray()
        self._before += len(piece)
        return piece


@require_safe
@member_page
def archive(request: HttpRequest, actor: Actor) -> StreamingHttpResponse:
    """The chosen videos (`?rendition=`, several). All must be released; of others none is given."""
    partner = require_partner(actor)
    chosen = list(dict.fromkeys(request.GET.getlist("rendition")))
    if not 1 <= len(chosen) <= MOST_VIDEOS:
        raise InvalidInput(_("Choose from 1 to {most} videos.").format(most=MOST_VIDEOS))
    renditions = [downloadable_rendition(partner, rendition_id) for rendition_id in chosen]
    name = chosen[0] if len(chosen) == 1 else f"likeness-{len(chosen)}-videos"
    response = StreamingHttpResponse(_zipped(renditions), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _zipped(renditions: list[Rendition]) -> Iterator[bytes]:
    sent = _Sent()
    with zipfile.ZipFile(cast("IO[bytes]", sent), "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("HOW-TO-CHECK.txt", HOW_TO_CHECK)
        packed.writestr("verification-keys.json", _text(evidence.pinned_keys().to_json()))
        for rendition in renditions:
            # Asked again, as much time may have passed since the archive was begun.
            current = downloadable_rendition(rendition.job.partner, rendition.pk)
            job = selectors.job_of(current.job.partner, current.job_id)
            folder = current.pk
            packed.writestr(f"{folder}/evidence.json", _text(evidence.evidence_bundle(current.pk)))
            packed.writestr(f"{folder}/captions.vtt", captions(disclosure_of(job), current.duration_s))
            if disclosure_of(job).preset == CHINA:
                named = aigc_metadata(producer=aigc_producer(), produce_id=current.pk)
                packed.writestr(f"{folder}/aigc.json", _text(named))
            packed.writestr(f"{folder}/made-with.json", _text(_made_with(job)))
            entry = zipfile.ZipInfo(f"{folder}/{current.pk}.mp4")
            entry.file_size = current.size_bytes
            with storage.open_file(current.file_key) as video, packed.open(entry, "w") as copy:
                while piece := video.read(PIECE_BYTES):
                    copy.write(piece)
                    yield sent.taken()
    yield sent.taken()


def _made_with(job: Job) -> dict[str, Any]:
    names = (
        "title",
        "portrait_id",
        "driving_audio_id",
        "consent_id",
        "controls",
        "direction",
        "video",
        "disclosure",
    )
    return {"job_id": job.pk, **{name: getattr(job, name) for name in (*names, "seed", "renderer", "voice")}}


def _text(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)
