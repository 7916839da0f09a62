"""Jobs: how long they take and wait, who works on them, and their videos where a job does not say."""

from __future__ import annotations

from config.env import env_bool, env_choice, env_choices, env_int, env_str, env_text, env_weights
from generation.animation.registry import FACE_RIG, MOTION_FLOW, MOTION_SOURCES, RENDERERS

LIKENESS_JOB_DEADLINE_S = env_int("LIKENESS_JOB_DEADLINE_S", 1200, minimum=10, maximum=86_400)
LIKENESS_JOB_MAX_WAIT_S = env_int("LIKENESS_JOB_MAX_WAIT_S", 14_400, minimum=10, maximum=7 * 86_400)
# A lease that outlived the deadline would leave a lost worker's job no second attempt.
LIKENESS_JOB_LEASE_S = env_int("LIKENESS_JOB_LEASE_S", 60, minimum=2, maximum=LIKENESS_JOB_DEADLINE_S)
# Who is served more often than others while all have jobs that wait; who is not named counts once.
LIKENESS_PARTNER_WEIGHTS = env_weights("LIKENESS_PARTNER_WEIGHTS", maximum=10)
LIKENESS_JOB_MAX_ATTEMPTS = env_int("LIKENESS_JOB_MAX_ATTEMPTS", 3, minimum=1, maximum=100)
# Videos of this many seconds and more are made in segments, by at most so many other workers at a time.
LIKENESS_SPLIT_FROM_S = env_int("LIKENESS_SPLIT_FROM_S", 40, minimum=15, maximum=86_400)
LIKENESS_SEGMENT_HELPERS = env_int("LIKENESS_SEGMENT_HELPERS", 7, minimum=0, maximum=255)
# Each holds one portrait, for one web process; a few minutes after its last preview it ends.
LIKENESS_STUDIO_PROCESSES = env_int("LIKENESS_STUDIO_PROCESSES", 2, minimum=1, maximum=64)

# Of jobs that do not say.
LIKENESS_LABEL_PRESET = env_choice(
    "LIKENESS_LABEL_PRESET", "eu", choices=("eu", "california", "china", "india", "korea")
)
LIKENESS_LABEL_LANGUAGE = env_choice(
    "LIKENESS_LABEL_LANGUAGE", "en", choices=("en", "de", "fr", "es", "it", "ja", "ko", "zh")
)
LIKENESS_VIDEO_FPS = env_int("LIKENESS_VIDEO_FPS", 25, minimum=24, maximum=60)
LIKENESS_VIDEO_SIZE = env_int("LIKENESS_VIDEO_SIZE", 512, minimum=256, maximum=1080, multiple_of=2)
# The code of a producer registered in China, for the metadata AIGC of videos with the preset china; the
# provider's name without one.
LIKENESS_AIGC_PRODUCER = env_text(
    "LIKENESS_AIGC_PRODUCER", "", pattern=r"[ -~]{0,64}", rule="at most 64 printable characters of ASCII"
)

LIKENESS_RENDER_DEVICE = env_choice("LIKENESS_RENDER_DEVICE", "auto", choices=("auto", "cpu", "cuda"))
LIKENESS_VIDEO_ENCODER = env_choice("LIKENESS_VIDEO_ENCODER", "libx264", choices=("libx264", "h264_nvenc"))
LIKENESS_RENDERERS = env_choices("LIKENESS_RENDERERS", FACE_RIG, choices=RENDERERS.names())
# The renderer "liveportrait" reads these itself, in workers; here a word that it would not know is refused.
LIKENESS_LIVEPORTRAIT_FOLDER = env_str("LIKENESS_LIVEPORTRAIT_FOLDER")
LIKENESS_LIVEPORTRAIT_DIGEST = env_text(
    "LIKENESS_LIVEPORTRAIT_DIGEST", "", pattern=r"([0-9a-fA-F]{64})?", rule="64 hexadecimal digits"
)
LIKENESS_LIVEPORTRAIT_HALF = env_bool("LIKENESS_LIVEPORTRAIT_HALF", default=False)
LIKENESS_LIVEPORTRAIT_COMPILE = env_bool("LIKENESS_LIVEPORTRAIT_COMPILE", default=False)
LIKENESS_LIVEPORTRAIT_BATCH = env_int("LIKENESS_LIVEPORTRAIT_BATCH", 1, minimum=1, maximum=64)
LIKENESS_MOTION_SOURCE = env_choice("LIKENESS_MOTION_SOURCE", MOTION_FLOW, choices=MOTION_SOURCES.names())
