"""The tracks of a session for aiortc: frames that are encoded already, and its sound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import av
import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from generation.live.fragments import SOUND_RATE
from generation.live.sound_inbox import SAMPLE_RATE
from generation.live.webrtc.fragments import SOUND_CONFIG, Piece

MOST_WAITING: Final = 250  # some seconds: a peer that takes nothing is not waited for


class OutTrack(MediaStreamTrack):
    """Gives what is put into it, in order. What a peer does not take is dropped from the front."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self._queue: asyncio.Queue[Any] = asyncio.Queue(MOST_WAITING)

    def put(self, item: Any) -> None:
        """The next packet or frame."""
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(item)

    def end(self) -> None:
        """Nothing comes any more, and what waits does not leave: consent may have ended."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self.put(None)

    async def recv(self) -> Any:
        """What comes next, as aiortc asks for it."""
        item = await self._queue.get()
        if item is None or self.readyState != "live":
            self.stop()
            raise MediaStreamError
        return item


def packet_of(piece: Piece) -> Any:
    """An encoded picture as aiortc packs it into RTP, unchanged."""
    packet = av.Packet(piece.data)
    packet.pts = packet.dts = piece.time
    packet.time_base = piece.time_base
    return packet


class SoundDecoder:
    """AAC of the stream to the frames that aiortc encodes as Opus: MP4's codec is none of WebRTC's."""

    def __init__(self) -> None:
        self._decoder = av.CodecContext.create("aac", "r")
        self._decoder.extradata = SOUND_CONFIG
        self._resampler = av.AudioResampler(format="s16", layout="stereo", rate=SOUND_RATE, frame_size=960)

    def frames(self, piece: Piece) -> list[Any]:
        """The frames of 20 ms that are complete with a piece."""
        packet = av.Packet(piece.data)
        packet.pts, packet.time_base = piece.time, piece.time_base
        return [block for frame in self._decoder.decode(packet) for block in self._resampler.resample(frame)]


async def speech_of(track: MediaStreamTrack) -> AsyncIterator[bytes]:
    """A peer's sound as the live server takes it: 16-bit PCM, mono, SAMPLE_RATE."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    while True:
        try:
            frame: Any = await track.recv()
        except MediaStreamError:
            return
        blocks = [np.ravel(block.to_ndarray()) for block in resampler.resample(frame)]
        if blocks:
            yield np.concatenate(blocks).astype("<i2").tobytes()
