"""Reads a table of jobs: CSV with a line for each video."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

from django.utils.translation import gettext_noop as _

from accounts.models import Partner
from generation import selectors
from generation.animation.motion.controls import RANGES
from generation.choices.wanted_job import WantedJob
from provenance.common.errors import CodedError, InvalidInput

Number = TypeVar("Number", int, float)

MOST_LINES: Final = 100
LONGEST_TABLE: Final = 1_000_000
_REQUIRED: Final = ("portrait", "audio")
_WORDS: Final = ("emotion", "style")
_FORMAT: Final = ("aspect", "size", "fps", "fill")
COLUMNS: Final = (*_REQUIRED, "title", "direction", "seed", *_WORDS, *RANGES, *_FORMAT, "label")


class TableInvalid(InvalidInput):
    """The table cannot be read at all."""

    code = "table_invalid"
    message = "The table cannot be read."
    hint = "Send CSV in UTF-8 whose first line names the columns; portrait and audio are needed."


class LineInvalid(InvalidInput):
    """A line of the table is wrong."""

    code = "line_invalid"
    message = "This line cannot be read."
    hint = "Look at the column that the sentence names."


class _Said(NamedTuple):
    """What is said of a name that stands for nothing, or for several."""

    is_nameless: str
    is_unknown: str
    is_one_of_several: str


_PORTRAIT: Final = _Said(
    _("The line names no portrait."),
    _("No portrait that can be used is called {name}."),
    _("More than one portrait is called {name}."),
)
_RECORDING: Final = _Said(
    _("The line names no recording."),
    _("No recording that can be used is called {name}."),
    _("More than one recording is called {name}."),
)


@dataclass(frozen=True)
class Line:
    """One line: the video it asks for, or why nothing can be submitted. `number` is that of the table."""

    number: int
    portrait: str
    audio: str
    wanted: WantedJob | None = None
    refusal: CodedError | None = None


def read_table(text: str, partner: Partner) -> list[Line]:
    """The lines of a table. `portrait` and `audio` are ids, or names that only one of the partner's has.

    Raises TableInvalid for what is no table; what is wrong with a line is said with the line.
    """
    if len(text) > LONGEST_TABLE:
        raise TableInvalid(_("The table has more than {most} characters.").format(most=LONGEST_TABLE))
    try:
        rows = csv.DictReader(
            io.StringIO(text.removeprefix("\ufeff")), delimiter=_delimiter(text), strict=True
        )
        names = [name.strip().lower() for name in rows.fieldnames or []]
        rows.fieldnames = names
        found = [(rows.line_num, row) for row in rows if any(row.values())]
    except csv.Error as error:
        raise TableInvalid from error
    missing = [name for name in _REQUIRED if name not in names]
    if len(missing) > 1:
        sentence = _("The table has no column {first} and no column {second}.")
        raise TableInvalid(sentence.format(first=missing[0], second=missing[1]))
    if missing:
        raise TableInvalid(_("The table has no column {name}.").format(name=missing[0]))
    if unknown := [name for name in names if name not in COLUMNS]:
        raise TableInvalid(
            _("The table has the column {name}, which is not known.").format(name=repr(unknown[0])),
            hint=_("Known are {names}.").format(names=", ".join(COLUMNS)),
        )
    if len(set(names)) < len(names):
        raise TableInvalid(_("A column stands twice in the table."))
    if not 1 <= len(found) <= MOST_LINES:
        sentence = _("The table has {number} lines; from 1 to {most} can be taken.")
        raise TableInvalid(sentence.format(number=len(found), most=MOST_LINES))
    return [_line(number, row, partner) for number, row in found]


def _delimiter(text: str) -> str:
    """Semicolons where the first line has them: so programs for tables write CSV in half of Europe."""
    first = text.partition("\n")[0]
    return ";" if first.count(";") > first.count(",") else ","


def _line(number: int, row: dict[str | None, Any], partner: Partner) -> Line:
    if None in row:
        refusal = LineInvalid(_("The line has more fields than the table has columns."))
        return Line(number, "", "", refusal=refusal)
    values = {name: (value or "").strip() for name, value in row.items() if name is not None}
    try:
        return Line(number, values["portrait"], values["audio"], _wanted(values, partner))
    except CodedError as refusal:
        return Line(number, values["portrait"], values["audio"], refusal=refusal)


def _wanted(values: dict[str, str], partner: Partner) -> WantedJob:
    controls: dict[str, Any] = {name: values[name] for name in _WORDS if values.get(name)}
    controls |= {name: _number(values, name, float) for name in RANGES if values.get(name)}
    video: dict[str, Any] = {name: values[name] for name in ("aspect", "fill") if values.get(name)}
    video |= {name: _number(values, name, int) for name in ("size", "fps") if values.get(name)}
    return WantedJob(
        portrait_id=_portrait_id(values["portrait"], partner),
        driving_audio_id=_audio_id(values["audio"], partner),
        title=values.get("title", "")[:80],
        controls=controls,
        direction=_direction(values.get("direction", "")),
        seed=_number(values, "seed", int) if values.get("seed") else None,
        video=video or None,
        disclosure={"preset": values["label"]} if values.get("label") else None,
    )


def _number(values: dict[str, str], name: str, kind: Callable[[str], Number]) -> Number:
    try:
        return kind(values[name])
    except ValueError as error:
        sentence = _("{name} is {value}, which is no number.")
        raise LineInvalid(sentence.format(name=name, value=repr(values[name][:40]))) from error


def _direction(text: str) -> object:
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LineInvalid(_("direction is no JSON.")) from error


def _portrait_id(wanted: str, partner: Partner) -> str:
    portraits = selectors.usable_portraits_of(partner)
    named = portraits.filter(subject__display_name__iexact=wanted).values_list("pk", flat=True)
    return _one_of(wanted, "por_", _PORTRAIT, iter(named))


def _audio_id(wanted: str, partner: Partner) -> str:
    named = selectors.all_driving_audio_of(partner).filter(title__iexact=wanted).values_list("pk", flat=True)
    return _one_of(wanted, "aud_", _RECORDING, iter(named))


def _one_of(wanted: str, mark: str, said: _Said, named: Iterator[str]) -> str:
    if not wanted:
        raise LineInvalid(said.is_nameless)
    if wanted.startswith(mark):
        return wanted
    first, second = next(named, None), next(named, None)
    if first is None:
        raise LineInvalid(said.is_unknown.format(name=repr(wanted[:60])), hint=_("Write its id or its name."))
    if second is not None:
        raise LineInvalid(said.is_one_of_several.format(name=repr(wanted[:60])), hint=_("Write its id."))
    return first
