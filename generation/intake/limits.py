"""Limits of intake: sizes in bytes and pixels, durations in seconds, memory and time."""

from __future__ import annotations

PORTRAIT_MAX_BYTES = 15 * 1024 * 1024
PORTRAIT_MAX_PIXELS = 12_000_000
PORTRAIT_MAX_SIDE = 8_000
PORTRAIT_MIN_SIDE = 256
# Frames have 256 to 1024 pixels, so more is never seen, and finding the face in 12 megapixels takes 6 s.
PORTRAIT_STORED_SIDE = 2_048

AUDIO_MAX_BYTES = 30 * 1024 * 1024
AUDIO_MIN_S = 0.5
AUDIO_MAX_S = 120.0
AUDIO_SAMPLE_RATE = 48_000

# The address space that the inspecting process may reserve. A 12 megapixel picture with its copies needs
# about 300 MB, the face detector's runtime and OpenCV reserve (not use) well over 1 GB.
PORTRAIT_MEMORY_BYTES = 4 * 1024**3
PORTRAIT_CPU_S = 30
PORTRAIT_WALL_S = 60.0
AUDIO_MEMORY_BYTES = 2 * 1024**3
AUDIO_CPU_S = 30
AUDIO_WALL_S = 60.0
