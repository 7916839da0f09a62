"""A session's Opus decoder: a sandboxed process that is started with the first packet."""

from __future__ import annotations

import json
import logging
import os
import select
import subprocess
import sys
import tempfile
import time
from typing import Final

from generation.live.opus.wire import (
    MOST_PACKET_BYTES,
    MOST_PACKET_S,
    NOT_OPUS,
    PACKET_HEAD,
    SPEECH_HEAD,
)
from generation.live.sound_inbox import SAMPLE_RATE
from provenance.common.strict_json import to_plain
from provenance.sandbox.child import EXIT_SANDBOX_INCOMPLETE, Confinement
from provenance.sandbox.isolation import confined_environment, kill_group
from provenance.sandbox.requirement import SandboxIncomplete, may_be_reduced, sandbox_state

MODULE: Final = "generation.live.opus.opus_process"
MEMORY_BYTES: Final = 1024**3
CPU_S: Final = 3600
STARTS_S: Final = 20.0
DECODES_S: Final = 2.0
MOST_SPEECH_BYTES: Final = 4 * round(MOST_PACKET_S * SAMPLE_RATE)

logger = logging.getLogger(__name__)


class NotOpus(Exception):
    """A packet that cannot be decoded. The next one may be."""


class OpusDecoder:
    """Decodes the packets of one stream in order. Use it in one thread: the process ends with it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def decode(self, packet: bytes) -> bytes:
        """A packet's speech as 16-bit PCM, mono, SAMPLE_RATE. Raises NotOpus, SandboxIncomplete."""
        if not 0 < len(packet) <= MOST_PACKET_BYTES:
            raise NotOpus
        patience_s = DECODES_S
        if self._process is None:
            self._process, patience_s = _start(), STARTS_S
        try:
            assert self._process.stdin is not None  # noqa: S101 - it was asked for
            self._process.stdin.write(PACKET_HEAD.pack(len(packet)) + packet)
            self._process.stdin.flush()
            deadline = time.monotonic() + patience_s
            (length,) = SPEECH_HEAD.unpack(self._read(SPEECH_HEAD.size, deadline))
            if length == NOT_OPUS:
                raise NotOpus
            if length > MOST_SPEECH_BYTES or length % 2:
                raise EOFError
            return self._read(length, deadline)
        except (OSError, EOFError):
            self._give_up()
            raise NotOpus from None

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            kill_group(self._process.pid)
            self._process.wait()
            self._process = None

    def _read(self, count: int, deadline: float) -> bytes:
        assert self._process is not None and self._process.stdout is not None  # noqa: S101, PT018
        stdout, data = self._process.stdout, b""
        while len(data) < count:
            ready, _, _ = select.select([stdout], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(stdout.fileno(), count - len(data)) if ready else b""
            if not piece:
                raise EOFError
            data += piece
        return data

    def _give_up(self) -> None:
        code = self._process.poll() if self._process is not None else None
        logger.warning("The Opus decoder of a session ended (%s)", code)
        self.close()
        if code == EXIT_SANDBOX_INCOMPLETE:
            raise SandboxIncomplete(sandbox_state().missing)


def _start() -> subprocess.Popen[bytes]:
    limits = json.dumps(to_plain(Confinement(MEMORY_BYTES, CPU_S, (), may_be_reduced())))
    return subprocess.Popen(
        [sys.executable, "-s", "-P", "-m", "provenance.sandbox.child", limits, MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=confined_environment(),
        cwd=tempfile.gettempdir(),
        start_new_session=True,
        bufsize=0,
    )
