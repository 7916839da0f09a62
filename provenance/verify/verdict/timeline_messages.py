"""The sentences about what was done to a video, one for each finding, and those that sum it up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.verify.evidence.signals import PictureReading, PictureState
from provenance.verify.verdict.messages import Message
from provenance.verify.verdict.timeline import FindingKind, TimelineFinding

_SENTENCES = {
    FindingKind.CUT: "At {start} s a piece of {length} s was cut out.",
    FindingKind.INSERTED: "From {start} s to {end} s something was put in that this video does not have.",
    FindingKind.REORDERED: "From {start} s to {end} s stands a piece that was moved there from {record} s.",
    FindingKind.REPEATED: "From {start} s to {end} s stands once more what our video has from {record} s to "
    "{record_end} s.",
    FindingKind.REVERSED: "From {start} s to {end} s it runs backwards.",
    FindingKind.SPEED: "From {start} s to {end} s it runs at {tempo} times its speed.",
    FindingKind.REPLACED: "From {start} s to {end} s another picture and sound stand in place of "
    "this video's.",
    FindingKind.PICTURE_REPLACED: "From {start} s to {end} s another picture stands in place of "
    "this video's, or over it.",
    FindingKind.FROZEN: "From {start} s to {end} s the picture stands still where ours moves.",
    FindingKind.OTHER_PERFORMANCE: "The picture moves otherwise than our video from beginning to end: it is "
    "another performance.",
    FindingKind.SWAPPED: "The sound is another one from beginning to end: the words may be others.",
    FindingKind.REDUBBED: "From {start} s to {end} s another sound stands in place of ours, or over it: the "
    "words may be others.",
    FindingKind.MUTED: "From {start} s to {end} s our sound was silenced.",
    FindingKind.SHIFTED: "The sound comes {shift} s too late for the picture.",
    FindingKind.MOUTH_REPLACED: "From {start} s to {end} s the mouth is covered, or moves otherwise than in "
    "our video: the words may be others.",
    FindingKind.CROPPED: "The frame shows a part of our picture; the rest was cut off.",
    FindingKind.EMBEDDED: "Our picture fills a part of the frame; what is around it was added.",
    FindingKind.SECOND_TRACK: "The file holds more tracks than our video has: what a player plays may be "
    "another one.",
}
_MISSING_ENDS = {
    "first": "Of our video the first {length} s are missing.",
    "last": "Of our video the last {length} s are missing.",
}
_EARLY = "The sound comes {shift} s too early for the picture."
_PICTURE_ALONE = "The sound does not show this."
_SOUND_ALONE = "The picture does not show this."
_STATES = {
    PictureState.SAME: "The picture moves as that of the video as it was made.",
    PictureState.CHANGED: "The picture does not move everywhere as that of the video as it was made.",
    PictureState.OTHER: "The picture moves otherwise than that of the video as it was made: it is another "
    "performance.",
}
_SAME_IN_PART = "What moves in the video as it was made moves so in this picture."
_SHORTENED_IN_PART = (
    "What moves in the video as it was made moves so in this picture: only pieces of it are missing."
)
_SHORTENED = (
    "What there is of the picture moves as that of the video as it was made: only pieces of it are missing."
)
_STATE_WORDS = {PictureState.OTHER: "other_performance"}  # "other" is a watermark's finding
MOST_TOLD = 12  # one by one among the reasons
_MOST_IN_SENTENCE = 3
_MORE = "More was done: see what was done, and where."


def finding_message(finding: TimelineFinding) -> Message:
    """The sentence about one finding."""
    template = _SENTENCES[finding.kind]
    if finding.kind is FindingKind.SHIFTED and finding.shift_s < 0:
        template = _EARLY
    if finding.missing_end is not None:
        template = _MISSING_ENDS[finding.missing_end]
    length = finding.record_end_s - finding.record_start_s
    values = {
        "start": f"{finding.start_s:.1f}",
        "end": f"{finding.end_s:.1f}",
        "record": f"{finding.record_start_s:.1f}",
        "record_end": f"{finding.record_end_s:.1f}",
        "length": f"{length:.1f}",
        "tempo": f"{finding.tempo:.2f}",
        "shift": f"{abs(finding.shift_s):.1f}",
    }
    message = Message(template, {name: value for name, value in values.items() if f"{{{name}}}" in template})
    if not finding.is_told_apart:
        return message
    return message.followed_by(Message(_PICTURE_ALONE if finding.tracks == ("picture",) else _SOUND_ALONE))


def picture_reason(picture: PictureReading, *, is_in_part: bool) -> Iterator[tuple[str, Message]]:
    """A stable word and the sentence for the picture's motion; nothing where it was not compared.

    `is_in_part`: something else may stand in parts of the picture, such as its background, and move there.
    """
    if picture.state is PictureState.SAME and is_in_part:
        yield "same", Message(_SAME_IN_PART)
    elif picture.is_shortened:
        yield "cut", Message(_SHORTENED_IN_PART if is_in_part else _SHORTENED)
    elif picture.state is not PictureState.NOT_COMPARED:
        yield _STATE_WORDS.get(picture.state, picture.state.value), Message(_STATES[picture.state])


def summary(findings: Sequence[TimelineFinding]) -> tuple[Message, ...]:
    """What a verdict's own sentence says of the findings: the first few, and that there are more."""
    told: list[Message] = []
    for message in map(finding_message, findings):
        if message not in told:  # what is said without its seconds is said once
            told.append(message)
    more = (Message(_MORE),) if len(told) > _MOST_IN_SENTENCE else ()
    return (*told[:_MOST_IN_SENTENCE], *more)
