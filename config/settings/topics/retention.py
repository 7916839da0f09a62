"""How long something is kept after the consent that covers it has ended. Operators can set other days."""

from __future__ import annotations

from config.env import env_int

LIKENESS_KEEP_SOURCES_DAYS = env_int("LIKENESS_KEEP_SOURCES_DAYS", 30, minimum=0, maximum=365)
LIKENESS_KEEP_VIDEOS_DAYS = env_int("LIKENESS_KEEP_VIDEOS_DAYS", 30, minimum=0, maximum=365)
# After a request was decided; the recording has done its work then.
LIKENESS_KEEP_LIVE_RECORDINGS_DAYS = env_int("LIKENESS_KEEP_LIVE_RECORDINGS_DAYS", 7, minimum=0, maximum=90)
LIKENESS_KEEP_VERDICTS_MINUTES = env_int("LIKENESS_KEEP_VERDICTS_MINUTES", 60, minimum=1, maximum=60)
