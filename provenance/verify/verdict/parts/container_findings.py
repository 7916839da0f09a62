"""What a verdict says of how a file holds what it plays: tracks, covers, turns, lists, uncovered parts."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.manifest.states import ManifestState
from provenance.verify.evidence.signals import Signals
from provenance.verify.verdict.messages import Message

SEVERAL_PICTURES = (
    "The file holds several pictures, and players differ in which one they show: see what was looked at."
)
SEVERAL_SOUNDS = "The file holds several sound tracks, and players differ in which one they play."
CUT = "A list in the file has players show only parts of it, in another order or at another speed."
_COVER = "The only picture is a cover, which is not what plays."
_TURNED = "Players show the picture turned by {degrees} degrees."
_DISTORTED = "Players show the picture mirrored or distorted."
_UNCOVERED = "Picture or sound lie in parts of the file that the signature does not cover."
_ELSEWHERE = "The file names another file for its picture or sound; that one was not looked at."
_HIDDEN = "There is data in parts of the file that no signature covers."
_PICTURE_UNREAD = (
    "From {start} s to {end} s the picture could not be read, because the file is damaged: of that nothing "
    "is said."
)
_PICTURE_UNREAD_IN_PLACES = (
    "In several places from {start} s to {end} s the picture could not be read, because the file is damaged: "
    "of them nothing is said."
)
_SOUND_UNREAD = (
    "From {start} s to {end} s the sound could not be read, because the file is damaged: of that nothing "
    "is said."
)
_SOUND_UNREAD_IN_PLACES = (
    "In several places from {start} s to {end} s the sound could not be read, because the file is damaged: "
    "of them nothing is said."
)
_TEXT = (
    "The file holds text that players can show beside the picture or over it (tracks of subtitles: {texts}, "
    "chapters: {chapters})."
)
TEXT_ADDED = "Our video had no subtitles and no chapters: they were added, and their words are not ours."


def container_findings(signals: Signals) -> Iterator[tuple[str, Message]]:
    """A stable word for each finding, and its sentence."""
    container = signals.container
    if signals.has_hidden_data:
        yield "hidden_data", Message(_HIDDEN)
    yield from (("damaged", one) for one in damage(signals))
    if container is None:
        return
    if container.is_picture_unclear:
        yield "several_pictures", Message(SEVERAL_PICTURES)
    if container.is_sound_unclear:
        yield "several_sounds", Message(SEVERAL_SOUNDS)
    if container.is_cover:
        yield "cover", Message(_COVER)
    if container.turn is None:
        yield "distorted", Message(_DISTORTED)
    elif container.turn:
        yield "turned", Message(_TURNED, {"degrees": str(container.turn)})
    if container.is_cut:
        yield "edit_list", Message(CUT)
    if container.is_media_uncovered or (signals.manifest and signals.manifest.is_media_excluded):
        yield "media_uncovered", Message(_UNCOVERED)
    if container.has_text:
        text = Message(_TEXT, {"texts": str(container.texts), "chapters": str(container.chapters)})
        yield "text", text.followed_by(Message(TEXT_ADDED)) if _is_ours(signals) else text
    if container.is_elsewhere:
        yield "media_elsewhere", Message(_ELSEWHERE)


def damage(signals: Signals) -> Iterator[Message]:
    """What is said of spans that could not be read."""
    for spans, of_one, of_several in (
        (signals.picture.unread, _PICTURE_UNREAD, _PICTURE_UNREAD_IN_PLACES),
        (signals.sound.unread, _SOUND_UNREAD, _SOUND_UNREAD_IN_PLACES),
    ):
        if spans:
            values = {"start": f"{spans[0][0]:.1f}", "end": f"{spans[-1][1]:.1f}"}
            yield Message(of_one if len(spans) == 1 else of_several, values)


def _is_ours(signals: Signals) -> bool:
    """Whether it is a video of ours that plays, not another with our mark or credentials."""
    if signals.by_mark is not None:
        return signals.mark.is_same_content is not False
    return (
        signals.by_manifest is not None
        and signals.manifest is not None
        and signals.manifest.state is ManifestState.TRUSTED_OURS
    )
