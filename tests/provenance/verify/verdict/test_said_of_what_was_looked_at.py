"""A verdict says that something is absent only where it was looked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from provenance.keys.service_keys import trust_store
from provenance.manifest.reading import read_manifest
from provenance.manifest.states import ManifestState
from provenance.verify.evidence.signals import MarkPart, MarkReading, MarkState, Signals
from provenance.verify.verdict.verdict import VerdictKind, verdict
from tests.provenance import clips
from tests.provenance.sealing import SealedClip
from tests.provenance.verify.verdict.given_signals import (
    ABSENT,
    FOUND,
    OURS_MISFIT,
    UNCLEAR,
    UNLOOKED,
    UNREADABLE,
    A,
    signals,
)

UNDECIDED = MarkReading(MarkState.INCONCLUSIVE, None, 8)
IN_PLACES = replace(ABSENT, unseen=((1.0, 9.0),))


def unreadable(mark: MarkReading, **more: object) -> Signals:
    return signals(UNREADABLE, mark, **more)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (unreadable(ABSENT), "Our mark was not found."),
        (unreadable(IN_PLACES), "Our mark is not where we looked."),
        (unreadable(UNCLEAR), "Our mark could not be looked for"),
        (unreadable(UNLOOKED), "Our mark could not be looked for"),
        (unreadable(UNLOOKED, read_failure="crashed"), "Our mark could not be looked for"),
        (unreadable(UNDECIDED), "Whether our mark is in it cannot be decided."),
        (unreadable(UNLOOKED, has_mark_key=False), "only the service can tell"),
    ],
)
def test_of_a_file_that_cannot_be_read_the_mark_is_called_absent_only_if_it_was_looked_for(
    given: Signals, says: str
) -> None:
    found = verdict(given)
    assert found.kind is VerdictKind.CANNOT_TELL
    assert says in str(found.sentence)
    assert ("not found" in str(found.sentence)) == (given.mark is ABSENT)


@pytest.mark.parametrize("mark", [UNDECIDED, UNLOOKED])
def test_copied_credentials_do_not_make_a_mark_absent_that_was_not_looked_for(mark: MarkReading) -> None:
    given = signals(OURS_MISFIT, mark, by_manifest=A)
    assert "not found" not in str(verdict(given).sentence)


def test_credentials_are_called_unreadable_only_where_some_are_there() -> None:
    there = verdict(unreadable(ABSENT))
    perhaps = verdict(signals(replace(UNREADABLE, is_there=False), ABSENT))
    assert "credentials cannot be read" in str(there.sentence)
    assert "Whether the file carries credentials cannot be told" in str(perhaps.sentence)
    said = [str(one.sentence) for one in perhaps.reasons if one.signal == "manifest"]
    assert said == ["Whether the file carries Content Credentials cannot be told: it cannot be read."]


@pytest.mark.parametrize("is_there", [True, False])
def test_beside_our_mark_credentials_that_cannot_be_read_do_not_make_the_file_changed(is_there: bool) -> None:
    found = verdict(signals(replace(UNREADABLE, is_there=is_there), FOUND, by_mark=A))
    assert found.kind is VerdictKind.OURS_CHANGED
    assert "changed after it was signed" not in str(found.sentence)
    assert ("whether the file has credentials cannot be told" in str(found.sentence)) is not is_there


def test_a_broken_file_says_itself_whether_it_had_credentials(clip: SealedClip, tmp_path: Path) -> None:
    path = tmp_path / "file.mp4"
    for data, is_there in ((clip.data[:40], False), (clips.truncated_inside_manifest(clip.data), True)):
        path.write_bytes(data)
        reading = read_manifest(path, trust_store())
        assert (reading.state, reading.is_there) == (ManifestState.UNREADABLE, is_there)


def test_a_reader_that_gave_up_does_not_say_that_there_is_no_picture() -> None:
    found = verdict(signals(None, UNLOOKED, read_failure="time"))
    said = [str(one.sentence) for one in found.reasons if one.signal == "watermark"]
    assert said == ["Our watermark could not be looked for: the picture could not be read."]


def test_a_mark_that_no_part_shows_alone_is_not_said_to_be_in_none_of_them() -> None:
    parts = tuple(MarkPart(float(at), float(at + 1), "not_found") for at in range(8))
    found = verdict(signals(mark=replace(FOUND, parts=parts), by_mark=A))
    told = [(one.finding, str(one.sentence)) for one in found.reasons if one.signal == "watermark_parts"]
    assert [finding for finding, _ in told] == ["together"]
    assert " 0 of 8" not in told[0][1]
    assert "Some parts carry no mark" not in str(found.sentence)
