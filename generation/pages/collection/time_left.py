"""How long a running job still takes, by how fast its frames came so far."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from generation.models import Job
from generation.states import JobState

LEAST_FRAMES: Final = 25  # before that the rate says little
SEALING_S: Final = 2.0


def seconds_left(job: Job) -> int | None:
    """Seconds until the video is sealed, rounded up to five; None where nothing can be said yet.

    The rate counts from the beginning of the attempt, so what comes before the first frame is spread over
    all: the answer is rather too long than too short.
    """
    if job.state != JobState.MARKING or job.started_at is None or job.frames_done < LEAST_FRAMES:
        return None
    spent_s = (timezone.now() - job.started_at).total_seconds()
    left_s = spent_s * (job.frames_total - job.frames_done) / job.frames_done + SEALING_S
    return max(5, round(left_s / 5 + 0.49) * 5)
