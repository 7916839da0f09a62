"""Which stretches of a found picture move as those of a recorded video do, in which order, how fast, and
whether the mouth moves with the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.motion.course import runs
from provenance.fingerprints.motion.fades import without_fades
from provenance.fingerprints.motion.fingerprint import Block, MotionFingerprint
from provenance.fingerprints.motion.matcher import Matcher
from provenance.fingerprints.motion.measuring import FOUND_RATE, FoundMotion
from provenance.fingerprints.motion.mouths import LEAST_MOUTH_S, mouths_of_others, with_record
from provenance.fingerprints.motion.slides import slides_of_others
from provenance.fingerprints.stretch import Change, Stretch

_LEFT_S = 0.8  # of motion that may stay unexplained before a change is supposed
_FASTEST, _TEMPO_STEP = 2.0, 0.04  # the step in natural log
_FURTHEST = 5.0  # supposed before a picture is called another performance: slow motion, fast forward
_MOST_OF_IT = 0.5  # of the file that has to be ours then: more is supposed
_LEAP_ROWS = 3  # behind a picture that stands still, in which the leap at its end is seen: 0.12 s
_MOST_HELD_S = 0.27  # by each frame of a file, beyond which its motion is not compared

Span = tuple[float, float, float, float]


@dataclass(frozen=True)
class MotionComparison:
    """`stretches` in the order of the found file. `is_other`: it moves, enough of it was seen, and none of
    it moves as the recorded video does. `mouths`: spans (start_s, end_s, record_start_s, record_end_s) in
    which the mouth moves otherwise while the rest moves as recorded. `moving` (T,): by how much each row of
    the found file (FOUND_RATE) moves, 1 in the mean of the record. `still`: spans like those of mouths, in
    which the mouth would move and the whole picture stands still. `is_compared`: False where too little
    moves or is seen to say anything. `block`: which block of the video the reading of the file's watermark is
    about; (0, 0) in a square.
    """

    stretches: tuple[Stretch, ...]
    mouths: tuple[Span, ...]
    is_other: bool
    is_compared: bool
    moving: NDArray[np.float32]
    block: Block = (0, 0)
    still: tuple[Span, ...] = ()


def compare_motion(record: MotionFingerprint, found: FoundMotion) -> MotionComparison:
    """Compare the motion of a found file with a recorded one.

    The reading of a watermark may be about any block of a wide or tall video. All that the frame can show are
    supposed, and the one counts under which most is ours. Another performance it is only if it is under every
    one of them; if under some of them the frame shows the whole video, those alone are supposed.
    """
    as_shown = found
    found = without_fades(found)
    few_s = found.held_s if found.has_few_frames else 0.0
    if few_s > _MOST_HELD_S:
        return MotionComparison((), (), False, False, np.zeros(len(found), np.float32))
    found = found.between_frames if few_s else found
    placed = [Matcher(record, found, block, few_s) for block in record.blocks]
    whole = [one for one in placed if one.is_whole] or placed
    compared = [_compared(one, as_shown.stands(one.mouth_places)) for one in whole]
    best = max(compared, key=_agreement_of_all)
    if best.stretches or all(one.is_other for one in compared):
        return best
    return replace(best, is_other=False, is_compared=False)


def _told_of_mouths(
    matcher: Matcher, stretches: Sequence[Stretch], stands: NDArray[np.intp], leaps: NDArray[np.bool_]
) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The spans in which another mouth is shown, and those in which the mouth would move and the whole
    picture stands still. What shows another mouth is what moves, whatever stands still in between.
    """
    mouths, still = list[Span](), list[Span]()
    for one in stretches:
        shown = list(mouths_of_others(matcher, one))
        if shown and stands.any():
            others = list(mouths_of_others(matcher, one, ~((stands > 0) | leaps)))
            for start_s, end_s, *_ in shown:
                still += (
                    with_record(one, begin_s, stop_s)
                    for begin_s, stop_s in _standing(start_s, end_s, stands)
                    if not any(first_s < stop_s and begin_s < last_s for first_s, last_s, *_ in others)
                )
            shown = others
        mouths += shown
    return tuple(mouths), tuple(still)


def _standing(start_s: float, end_s: float, stands: NDArray[np.intp]) -> Iterator[tuple[float, float]]:
    """The pieces of a span in which the whole picture stands still."""
    first, end = round(start_s * FOUND_RATE), round(end_s * FOUND_RATE)
    for is_still, begin, stop in runs((stands[first:end] > 0).astype(np.intp)):
        if is_still and (stop - begin) / FOUND_RATE >= LEAST_MOUTH_S:
            yield (first + begin) / FOUND_RATE, (first + stop) / FOUND_RATE


def _leaps(stands: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(T,): the rows behind pictures that stand still, in which the leap to what is shown then is seen."""
    leaps = np.zeros(len(stands), np.bool_)
    for is_still, _, stop in runs((stands > 0).astype(np.intp)):
        if is_still:
            leaps[stop : stop + _LEAP_ROWS] = True
    return leaps


def _agreement_of_all(comparison: MotionComparison) -> float:
    return sum(one.agreement * (one.end_s - one.start_s) for one in comparison.stretches)


def _compared(matcher: Matcher, stands: NDArray[np.intp]) -> MotionComparison:
    """`stands` (T,): the number of the span in which the whole picture stands still, 0 where it moves."""
    if not matcher.is_comparable:
        return MotionComparison((), (), False, False, matcher.moving, matcher.block)
    stretches = matcher.course([Change(), Change(is_reversed=True)])
    if matcher.unexplained_s(stretches) > _LEFT_S:
        stretches = matcher.course([Change(), Change(is_reversed=True), *_tempos(1.0, _FASTEST)])
    if not _is_explained(matcher, stretches):
        far = matcher.course(list(_tempos(_FASTEST, _FURTHEST)))
        if _length_s(far) > _MOST_OF_IT * matcher.duration_s:
            stretches = far
    leaps = _leaps(stands)
    mouths, still = _told_of_mouths(matcher, stretches, stands, leaps)
    moving = np.where((stands > 0) | leaps, np.float32(0), matcher.moving)
    moving[slides_of_others(matcher, stretches, stands)] = 1
    is_other = not stretches and matcher.is_clearly_other
    is_compared = bool(stretches) or is_other
    return MotionComparison(
        tuple(stretches), mouths, is_other, is_compared, moving, matcher.block, tuple(still)
    )


def _is_explained(matcher: Matcher, stretches: Sequence[Stretch]) -> bool:
    """Whether a file that runs at a tempo beyond those supposed first would look otherwise: like another
    performance, or ours at one of them in a few pieces.
    """
    if not stretches:
        return not matcher.is_clearly_other
    is_plain = any(one.change.tempo == 1.0 for one in stretches)
    return is_plain or _length_s(stretches) > _MOST_OF_IT * matcher.duration_s


def _length_s(stretches: Sequence[Stretch]) -> float:
    return sum(one.end_s - one.start_s for one in stretches)


def _tempos(beyond: float, furthest: float) -> Iterator[Change]:
    """Changes from `beyond` times as fast, and as slow, to a little over `furthest` times."""
    for i in range(int(np.log(beyond) / _TEMPO_STEP) + 1, int(np.log(furthest) / _TEMPO_STEP) + 2):
        for sign in (1, -1):
            tempo = float(np.exp(sign * _TEMPO_STEP * i))
            yield Change(tempo=tempo)
            yield Change(tempo=tempo, is_reversed=True)
