"""How far an attempt has come, as the job's row says it."""

from __future__ import annotations

import time

from generation.failures import JobReason
from generation.pipeline.render_stream import MARKING
from generation.services.advance import Lease, clear_wait_reason, enter, renew, set_wait_reason
from generation.states import JobState
from generation.traces import StageSpans

HEARTBEAT_S = 1.0


class Progress:
    """Writes the progress to the job row, at most once a second; LeaseLost from there ends the work."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._state = JobState.ANIMATING
        self._renewed = time.monotonic()
        self._spans = StageSpans()
        self._spans.enter(self._state)

    def close(self) -> None:
        """The attempt has ended, well or not."""
        self._spans.end()

    def beat(self, **progress: int) -> None:
        """Renew the lease now. Raises LeaseLost."""
        renew(lease=self._lease, **progress)
        self._renewed = time.monotonic()

    def enter(self, state: JobState) -> None:
        """Begin the next stage. Raises LeaseLost."""
        enter(lease=self._lease, before=self._state, after=state)
        self._state = state
        self._spans.enter(state)
        self._renewed = time.monotonic()

    def wait(self, reason: JobReason, seconds: float) -> None:
        """Note what the work waits for, and wait. Raises LeaseLost as soon as the lease is lost."""
        set_wait_reason(lease=self._lease, reason=reason)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(HEARTBEAT_S, left))
            self.beat()

    def clear_wait_reason(self) -> None:
        """Note that the work waits for nothing any more. Raises LeaseLost."""
        clear_wait_reason(lease=self._lease)

    def on_stage(self, stage: str) -> None:
        """The pipeline begins a stage: "animating" or "marking"."""
        if stage == MARKING:
            self.enter(JobState.MARKING)
        else:
            self.beat()

    def on_frame(self, done: int, total: int) -> None:
        """The pipeline has encoded a frame."""
        if done in {1, total} or time.monotonic() - self._renewed >= HEARTBEAT_S:
            self.beat(frames_done=done, frames_total=total)
