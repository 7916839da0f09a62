"""The motion of one video while it is driven, as far as somebody needs it."""

from __future__ import annotations

from collections.abc import Iterable

from generation.animation.track.motion_track import MotionTrack, concatenate_tracks


class MotionSoFar:
    """Drives the motion of a video piece by piece, when it is asked for more."""

    def __init__(self, pieces: Iterable[MotionTrack]) -> None:
        """`pieces`, at least one and maybe empty ones, are one track when put together."""
        self._pieces = iter(pieces)
        self._driven: list[MotionTrack] = []
        self._frames = 0
        self.is_whole = False
        """Whether all of it was driven."""

    def until(self, frame: int) -> MotionTrack:
        """The motion so far: up to before frame `frame` or further, or all of it. Raises what driving
        raises."""
        while self._frames < frame and not self.is_whole:
            self._drive()
        return self.so_far

    def whole(self) -> MotionTrack:
        """All of it. Raises what driving raises."""
        while not self.is_whole:
            self._drive()
        return self.so_far

    def _drive(self) -> None:
        piece = next(self._pieces, None)
        if piece is None:
            self.is_whole = True
        else:
            self._driven.append(piece)
            self._frames += len(piece)

    @property
    def so_far(self) -> MotionTrack:
        """What was driven of it; something was."""
        self._driven = [concatenate_tracks(self._driven)]
        return self._driven[0]
