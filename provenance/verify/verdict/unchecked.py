"""What a verdict says was not checked, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.manifest.states import ManifestState
from provenance.verify.evidence.media_type import FileKind
from provenance.verify.evidence.signals import MarkState, PictureState, Signals, SoundState
from provenance.verify.verdict.messages import Message
from provenance.verify.verdict.parts.container_findings import damage


@dataclass(frozen=True)
class Unchecked:
    """One thing that was not checked (a stable word) and a sentence that says why."""

    what: str
    sentence: Message


_TRUTHS: dict[FileKind, str] = {
    "video": "Whether what it says is true. We know where a video comes from, not that.",
    "image": "Whether what it shows is true. We know where a picture comes from, not that.",
    "audio": "Whether what it says is true. We know where a sound comes from, not that.",
    "document": "Whether what it says is true. We know where a file comes from, not that.",
}
_A_SECOND_S = 1.5  # longer parts were not looked at in each of their seconds
_OF_OTHERS = {ManifestState.TRUSTED_OTHER, ManifestState.VALID_UNTRUSTED, ManifestState.DETACHED}


def unchecked(signals: Signals) -> Iterator[Unchecked]:
    """What the answer does not rest on."""
    state = signals.manifest.state if signals.manifest else None
    is_document = signals.media_type.kind == "document"
    if is_document:
        yield _unchecked(
            "inside", "Pictures, videos and sound inside this file: each can be checked by itself."
        )
    elif signals.read_failure is not None:
        yield _unchecked("frames", "The picture: its reader gave up on this file.")
    elif not signals.has_mark_key:
        yield _unchecked("watermark", "The watermark: its key is secret, and only the service has it.")
    elif signals.mark.state is MarkState.NOT_LOOKED_FOR:
        yield _unchecked("watermark", "The watermark: there is no picture in which it could be.")
    elif signals.has_unread_picture:
        yield _unchecked("frames", "The picture: it could not be decoded. Send it as MP4, GIF, PNG or JPEG.")
    else:
        yield from _frames(signals)
    if state is ManifestState.REMOTE_ONLY:
        yield _unchecked(
            "remote_manifest",
            "Credentials kept elsewhere: we call no address that a file names, as anybody can write one.",
        )
    if state in _OF_OTHERS:
        yield _unchecked(
            "revocation",
            "Whether the signer's certificate was taken back: that takes a call to an address in the file.",
        )
    if signals.manifest and state is ManifestState.TRUSTED_OURS and not signals.manifest.is_time_stamped:
        yield _unchecked("time", "When it was signed: there is no time-stamp by a clock that we believe.")
    if signals.by_file is None and state is not ManifestState.TRUSTED_OURS and not is_document:
        yield from _sound(signals)
        yield from _motion(signals)
        yield from (Unchecked("damaged", sentence) for sentence in damage(signals))
    if (container := signals.container) is not None and container.has_text:
        yield _unchecked(
            "text",
            "What subtitles and chapters in the file say: they were not read (tracks of subtitles: {texts}, "
            "chapters: {chapters}).",
            texts=str(container.texts),
            chapters=str(container.chapters),
        )
    yield _unchecked("truth", _TRUTHS[signals.media_type.kind])


def _frames(signals: Signals) -> Iterator[Unchecked]:
    """What was not looked at of a picture in which the mark was looked for."""
    if signals.is_still and signals.may_hold_more_pictures:
        yield _unchecked(
            "every_frame", "Other pictures in the file, which this type of file can hold: one was looked at."
        )
    elif signals.mark.frames_read == 1 and not signals.is_still:
        yield _unchecked("every_frame", "Every single frame: one frame was looked at.")
    elif not signals.is_still:
        yield _unchecked(
            "every_frame",
            "Every single frame: {frames} frames were looked at, from several parts of the file.",
            frames=str(signals.mark.frames_read),
        )
    if not signals.mark.is_everywhere:
        yield _unchecked(
            "everywhere",
            "Every place where a watermark could lie: the usual ones were looked at under the keys of "
            "all years, and all others as far as that did not take too long.",
        )
    if signals.container is not None and signals.container.is_damaged:
        yield _unchecked(
            "rest_of_frames", "The frames behind a damaged place of the file: they were not read."
        )
    if signals.container is not None and signals.container.is_picture_unclear:
        yield _unchecked(
            "other_pictures",
            "The other pictures in the file: one was looked at, which most players show.",
        )
    if signals.mark.state is not MarkState.FOUND and signals.mark.unseen:
        yield _unchecked(
            "unseen",
            "Pieces of {seconds} s or less that lie between the places where frames were looked at.",
            seconds=f"{signals.mark.longest_unseen_s:.0f}",
        )
    if signals.mark.state is not MarkState.FOUND and signals.mark.coarse:
        yield _unchecked(
            "coarse",
            "Faint marks in {seconds} s of the video, of which single frames were looked at.",
            seconds=f"{signals.mark.coarse_s:.0f}",
        )
    longest_s = max((part.end_s - part.start_s for part in signals.mark.parts), default=0.0)
    if longest_s > _A_SECOND_S:
        yield _unchecked(
            "rest_of_parts",
            "Most of each part of the timeline: it stands for up to {seconds} s, of which a few "
            "frames at its beginning were looked at.",
            seconds=f"{longest_s:.0f}",
        )


def _sound(signals: Signals) -> Iterator[Unchecked]:
    sound = signals.sound
    if signals.has_no_sound:
        return
    if sound.state is SoundState.NOT_COMPARED:
        yield _unchecked(
            "sound",
            "The sound: it carries no mark of ours, so that another sound under the picture would not show.",
        )
    elif sound.until_s is not None:
        yield _unchecked(
            "rest_of_sound",
            "The sound after the first {seconds} s.",
            seconds=f"{sound.until_s:.0f}",
        )


def _motion(signals: Signals) -> Iterator[Unchecked]:
    picture = signals.picture
    if signals.by_mark is None:
        return
    is_compared = picture.state is not PictureState.NOT_COMPARED
    if signals.mark.is_same_content and signals.mark.is_compared_in_part:
        yield _unchecked(
            "unmarked_parts",
            "The parts of the picture in which our watermark is not seen, such as the background: something "
            "may lie over them or stand in their place.",
        )
    if signals.is_still:
        yield _unchecked(
            "details",
            "Whether a detail was changed, as a mouth or a word: a single picture is compared with our video "
            "as a whole.",
        )
        return
    if not is_compared and picture.corners is not None and not picture.is_on_record:
        yield _unchecked(
            "motion",
            "Whether pieces of the picture were cut out, moved or replaced: our record of this video is from "
            "before that could be compared.",
        )
    elif not is_compared and picture.has_few_frames:
        yield _unchecked(
            "motion",
            "Whether pieces of the picture were cut out, moved or replaced: the file shows too few frames a "
            "second.",
        )
    elif not is_compared:
        yield _unchecked(
            "motion",
            "Whether pieces of the picture were cut out, moved or replaced: too little of it is seen or "
            "moves, or it moves within the frame.",
        )
    elif picture.until_s is not None:
        yield _unchecked(
            "rest_of_picture",
            "The motion in the picture after the first {seconds} s.",
            seconds=f"{picture.until_s:.0f}",
        )
    if is_compared and picture.has_few_frames:
        yield _unchecked("mouth", "Whether the mouth was replaced: the file shows too few frames a second.")
    if picture.unclear:
        yield _unchecked(
            "unclear_picture",
            "The motion in {seconds} s of the picture, which moves within the frame and could not be "
            "followed there.",
            seconds=f"{sum(end_s - start_s for start_s, end_s in picture.unclear):.1f}",
        )
    if picture.held:
        yield _unchecked(
            "held_frames",
            "The motion in {seconds} s of the picture, in which it stands still: one frame is shown for "
            "longer than half a second.",
            seconds=f"{sum(end_s - start_s for start_s, end_s in picture.held):.1f}",
        )


def _unchecked(what: str, template: str, **params: str) -> Unchecked:
    return Unchecked(what, Message(template, params))
