"""The facts about one rendition that its manifest states, and the codes and words that they are stated in.

Other programs import these names from `provenance.manifest.claim`.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from provenance.common.errors import CodedError
from provenance.common.visible_label import VisibleLabel

SYSTEM_NAME = "Likeness"
VIDEO_FORMAT = "video/mp4"

_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TRAINED = _SOURCE_TYPES + "trainedAlgorithmicMedia"
COMPOSITE = _SOURCE_TYPES + "compositeWithTrainedAlgorithmicMedia"

VOICE_NOT_STATED = "not_stated"
# What the partner attests about the speech, which nobody here knows, or what its speaker agreed to.
VOICES = {
    "own": "The voice is of the requesting organisation's own people, as it attests",
    "synthetic": "The voice is synthetic, as the requesting organisation attests",
    "speaker": "The speaker agreed to the use of this recording, at a contact of their own",
    VOICE_NOT_STATED: "The requesting organisation did not say whose voice it is",
}


class ClaimInvalid(CodedError):
    """The definition does not match our schema; nothing is signed."""

    code = "claim_invalid"
    status = 500
    message = "The manifest of this video could not be made: a fact is missing or has the wrong form."
    hint = "This is a fault of the service, not of the request. Report the job id."


@dataclass(frozen=True)
class ModelFacts:
    """What a model states about itself; `digest` is over its files, 64 hexadecimal digits."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True)
class DirectionFacts:
    """That people directed the performance, and what of it: names of `controls`, and of the `channels` to
    which something was added. `sha256` is over the direction's canonical JSON, 64 hexadecimal digits."""

    sha256: str
    controls: tuple[str, ...]
    channels: tuple[str, ...]


@dataclass(frozen=True)
class PerformanceFacts:
    """That a performer moves the face: the commitment to the motion track, and whether their lips or those
    of the speech are shown (`lips`: `performer` or `speech`)."""

    commitment: str
    lips: str


@dataclass(frozen=True)
class RenditionClaim:
    """The facts about one rendition that its manifest states. Ids, digests and codes only, no personal data.

    `model` made the pixels, `motion_model` the motion if that was another one. Their digests are over public
    files and are stated in plain, so that anybody can compare. The other inputs are people's, and are bound
    by keyed commitments. `picture_source_type` is that of the frames, `digital_source_type` that of the whole
    video, sound included. `created_at` is aware; `watermark_value` is the payload that the frames carry;
    `log_position` is the number of entries in the log when the video was made, so its own entry stands at
    this index or later; `duration_s` > 0.
    `visible_label` is what was burned into the frames, None for nothing.
    `portrait_generator` is the image generator whose watermark the portrait carries, empty without one.
    `voice` is whose voice it is, as the partner attests: `own`, `synthetic`; `speaker` where the
    service asked; or empty where nobody said.
    `direction` is what people directed over time, None if that was nothing.
    `performance` binds the performer's motion track that moves the face, None where the voice does.
    """

    rendition_id: str
    created_at: datetime
    provider: str
    system_version: str
    model: ModelFacts
    picture_source_type: str
    digital_source_type: str
    watermark_algorithm: str
    watermark_value: bytes
    consent_receipt_digest: str
    portrait_commitment: str
    speech_commitment: str
    log_position: int
    duration_s: float
    motion_model: ModelFacts | None = None
    portrait_generator: str = ""
    voice: str = ""
    visible_label: VisibleLabel | None = None
    direction: DirectionFacts | None = None
    performance: PerformanceFacts | None = None


def picture_source_type(*, has_portrait_pixels: bool) -> str:
    """The IPTC digital source type of the frames.

    Pixels taken over from the portrait make it `compositeWithTrainedAlgorithmicMedia`, otherwise it is
    `trainedAlgorithmicMedia`.
    """
    return COMPOSITE if has_portrait_pixels else TRAINED


def digital_source_type(*, is_speech_synthetic: bool, has_portrait_pixels: bool) -> str:
    """The IPTC digital source type of the video as a whole, sound included.

    `trainedAlgorithmicMedia` only if nothing in it was recorded: all pixels synthesised and synthetic speech.
    Real speech, or pixels taken over from the portrait, make it `compositeWithTrainedAlgorithmicMedia`.
    """
    return picture_source_type(has_portrait_pixels=has_portrait_pixels) if is_speech_synthetic else COMPOSITE


def soft_binding_value(payload: bytes) -> str:
    """The text form of a soft binding value: standard Base64.

    In the file it is a byte string (`signature.draft`), which readers show as a list of numbers. Videos of
    0.5.0 and before hold this text itself.
    """
    return base64.b64encode(payload).decode("ascii")
