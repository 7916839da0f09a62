"""Decodes Opus (RFC 6716) in a sandboxed process: packets on standard input, speech on standard output.

Each packet comes behind its length (two bytes, big-endian). What it decodes to goes back behind its length
(four bytes): 16-bit PCM, mono, SAMPLE_RATE. A packet that is none gives NOT_OPUS instead of a length.
"""

from __future__ import annotations

import os
import struct
import sys

import av
from av.error import FFmpegError

from generation.live.opus.wire import NOT_OPUS, OPUS_RATE, PACKET_HEAD, SPEECH_HEAD
from generation.live.sound_inbox import SAMPLE_RATE


def main() -> None:
    """Decode until the input ends."""
    source, out = os.fdopen(0, "rb"), os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    decoder = av.CodecContext.create("opus", "r")
    decoder.sample_rate, decoder.layout = OPUS_RATE, "mono"
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    while len(head := source.read(PACKET_HEAD.size)) == PACKET_HEAD.size:
        packet = source.read(PACKET_HEAD.unpack(head)[0])
        try:
            blocks = [
                block.to_ndarray()[0].astype("<i2").tobytes()
                for frame in decoder.decode(av.Packet(packet))
                for block in resampler.resample(frame)
            ]
        except (FFmpegError, ValueError, struct.error):
            out.write(SPEECH_HEAD.pack(NOT_OPUS))
        else:
            speech = b"".join(blocks)
            out.write(SPEECH_HEAD.pack(len(speech)) + speech)
        out.flush()


if __name__ == "__main__":
    main()
