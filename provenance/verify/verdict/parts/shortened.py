"""Whether a sound is ours with nothing in it that is not, and only pieces of it are missing or elsewhere."""

from __future__ import annotations

from typing import Final

from provenance.fingerprints.other_track import TOGETHER_S
from provenance.verify.evidence.signals import Signals, SoundState
from provenance.verify.verdict.timeline import FindingKind, findings_of

# What leaves a sound ours, and under its own picture, if it was done to both.
_WITH_THE_PICTURE: Final = {
    FindingKind.CUT,
    FindingKind.REORDERED,
    FindingKind.REPEATED,
    FindingKind.REVERSED,
    FindingKind.SPEED,
}
_BESIDE_TIME: Final = {FindingKind.SECOND_TRACK}


def is_excerpt(signals: Signals) -> bool:
    """Whether all that was done to the sound is that it begins later or ends earlier, as the picture does."""
    of_sound = [one for one in findings_of(signals) if "sound" in one.tracks]
    ends = (0.0, signals.sound.duration_s)
    return bool(of_sound) and all(
        one.kind is FindingKind.CUT
        and "picture" in one.tracks
        and min(abs(one.start_s - at_s) for at_s in ends) <= TOGETHER_S
        for one in of_sound
    )


def is_sound_shortened(signals: Signals) -> bool:
    """Whether what is heard is ours, with pieces missing that the picture, as far as it was compared, does
    not show either.
    """
    return signals.sound.is_shortened and not any(
        one.is_told_apart for one in findings_of(signals) if "sound" in one.tracks
    )


def does_sound_differ(signals: Signals) -> bool:
    """Whether something is heard that is not the sound of what is seen."""
    if signals.sound.state is not SoundState.CHANGED:
        return signals.sound.state is SoundState.OTHER
    if is_sound_shortened(signals):
        return False
    of_sound = [one for one in findings_of(signals) if "sound" in one.tracks and one.kind not in _BESIDE_TIME]
    return not of_sound or any(
        one.kind not in _WITH_THE_PICTURE or "picture" not in one.tracks for one in of_sound
    )
