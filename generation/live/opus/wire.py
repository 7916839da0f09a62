"""Lengths and rates between a session's process and its Opus decoder."""

from __future__ import annotations

import struct
from typing import Final

OPUS_RATE: Final = 48_000  # which every Opus decoder gives, whatever was encoded
PACKET_HEAD: Final = struct.Struct(">H")
SPEECH_HEAD: Final = struct.Struct(">I")
NOT_OPUS: Final = 2**32 - 1
MOST_PACKET_BYTES: Final = 4_000  # of libopus's advice for the largest packet
MOST_PACKET_S: Final = 0.12
