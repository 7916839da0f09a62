"""Limits of intake: sizes in bytes and pixels, durations in seconds, memory and time."""

from __future__ import annotations

PORTRAIT_MAX_BYTES = 30 * 1024 * 1024
PORTRAIT_MAX_PIXELS = 8192 * 6144  # the "50 megapixels" of telephones
PORTRAIT_MAX_SIDE = 16_384
PORTRAIT_MIN_SIDE = 256
# Videos have 1080 lines at most, so hardly more is seen, and finding the face in 12 megapixels takes 6 s.
PORTRAIT_STORED_SIDE = 2_048

AUDIO_MAX_BYTES = 30 * 1024 * 1024
AUDIO_MIN_S = 0.5
AUDIO_MAX_S = 120.0
AUDIO_SAMPLE_RATE = 48_000

# A worker has the time for a busy machine; whoever waits for an answer is told to ask again. Portrait and
# recording together stay within a job's deadline.
WORKER_WALL_S = 400.0

# The address space that the inspecting process may reserve. Pictures over this are scaled down as soon as
# they are decoded, so that only one copy of the largest is ever held; the face detector's runtime and OpenCV
# reserve (not use) well over 1 GB.
PORTRAIT_MEMORY_BYTES = 4 * 1024**3
PORTRAIT_CPU_S = 30
PORTRAIT_WALL_S = 60.0
AUDIO_MEMORY_BYTES = 2 * 1024**3
AUDIO_CPU_S = 30
AUDIO_WALL_S = 60.0

MOTION_MAX_BYTES = 30 * 1024 * 1024
MOTION_MEMORY_BYTES = 2 * 1024**3  # of address space
MOTION_CPU_S = 30
MOTION_WALL_S = 60.0

PERFORMANCE_MAX_BYTES = 90 * 1024 * 1024  # of the 100 MB that one request may have
PERFORMANCE_MEMORY_BYTES = 4 * 1024**3  # of address space
# Two minutes at 25 frames a second take some 175 s of one core, on a busy machine 215 (docs/renderer.md).
PERFORMANCE_CPU_S = 360
PERFORMANCE_WALL_S = 420.0
