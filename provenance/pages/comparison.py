"""Moments at which the verify page shows a video as we made it beside the file as it was sent.

Our frames come from the stored video, as long as it is released; those of the file from the reader's own
browser, which still has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from django.core import signing
from django.urls import reverse
from django.utils.functional import Promise

from provenance.pages.verdict_labels import FINDINGS
from provenance.verify.verdict.verdict_json import FindingJson, StretchJson, VerdictJson

MOST_MOMENTS: Final = 6
SALT: Final = "provenance.comparison"
_FOR_S = 3600  # as long as answers are kept
_PLAIN = 4  # moments in what is as it was made
_OF_FILE, _OF_RECORD = {"inserted"}, {"cut"}  # what is in one of the two only
_OF_BOTH = {"replaced", "picture_replaced", "frozen", "mouth_replaced"}


class NoComparison(ValueError):
    """The text is no address of this service's, or an old one."""


@dataclass(frozen=True)
class Moment:
    """Seconds of the file and of the video as it was made, None in which it is not. `label`: what was done
    there. `place`: of our frame among those that are shown.
    """

    file_s: float | None
    record_s: float | None
    label: Promise | None = None
    place: int | None = None


@dataclass(frozen=True)
class Comparison:
    """The moments in the order of the file, and the address of our frames beside each other."""

    moments: list[Moment]
    address: str
    count: int


def comparison(answer: VerdictJson) -> Comparison | None:
    """What to show beside each other; None where nothing was compared, or the video is not released."""
    timeline: Mapping[str, object] = answer.get("timeline", {})  # verdicts of earlier versions
    record = answer["record"]
    if record is None or record["state"] != "released" or answer["verdict"] != "ours_changed":
        return None
    if not timeline.get("stretches") or record.get("is_live"):  # the file of a live session is not kept
        return None
    stretches = answer["timeline"]["stretches"]
    chosen = list(_of_findings(answer["timeline"]["findings"]))[: MOST_MOMENTS - 1]
    chosen += list(_plain(stretches, min(_PLAIN, MOST_MOMENTS - len(chosen))))
    chosen.sort(key=lambda one: one.file_s if one.file_s is not None else _before(one, stretches))
    numbers = iter(range(len(chosen)))
    moments = [one if one.record_s is None else replace(one, place=next(numbers)) for one in chosen]
    ours = [one.record_s for one in moments if one.record_s is not None]
    token = signing.dumps([answer["rendition_id"], ours], salt=SALT, compress=True)
    return Comparison(moments, reverse("as_made", args=[token]), len(ours))


def compared_moments(token: str) -> tuple[str, tuple[float, ...]]:
    """The video and the seconds that an address is about. Raises NoComparison."""
    try:
        rendition_id, seconds = signing.loads(token, salt=SALT, max_age=_FOR_S)
    except (signing.BadSignature, ValueError) as error:
        raise NoComparison from error
    return str(rendition_id), tuple(map(float, seconds))


def _of_findings(findings: list[FindingJson]) -> Iterator[Moment]:
    for one in findings:
        if "picture" not in one["tracks"]:
            continue
        file_s = round((one["start_s"] + one["end_s"]) / 2, 2)
        record_s = round((one["record_start_s"] + one["record_end_s"]) / 2, 2)
        label = FINDINGS[one["kind"]]
        if one["kind"] in _OF_FILE:
            yield Moment(file_s, None, label)
        elif one["kind"] in _OF_RECORD:
            yield Moment(None, record_s, label)
        elif one["kind"] in _OF_BOTH:
            yield Moment(file_s, record_s, label)


def _plain(stretches: list[StretchJson], count: int) -> Iterator[Moment]:
    """Moments spread evenly over what is ours."""
    whole_s = sum(one["end_s"] - one["start_s"] for one in stretches)
    for number in range(count):
        left_s = whole_s * (number + 0.5) / count
        for one in stretches:
            length_s = one["end_s"] - one["start_s"]
            if left_s <= length_s:
                file_s = one["start_s"] + left_s
                share = 1 - left_s / length_s if one["is_reversed"] else left_s / length_s
                record_s = one["record_start_s"] + share * (one["record_end_s"] - one["record_start_s"])
                yield Moment(round(file_s, 2), round(record_s, 2))
                break
            left_s -= length_s


def _before(moment: Moment, stretches: list[StretchJson]) -> float:
    """Where in the file what is missing would stand."""
    assert moment.record_s is not None  # noqa: S101
    return max((one["end_s"] for one in stretches if one["record_end_s"] <= moment.record_s), default=0.0)
