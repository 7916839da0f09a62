"""A session's process as the live server holds it: messages in and out, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from generation.live.wire import HEAD, HIGH, Kind, WireBroken, opened_head, packed, packed_json

# Read by libraries as they are loaded: a session has a thread for each of its works already.
ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
MODULE: Final = "generation.services.live.session_process"
# Sealing follows the stream; a process that takes longer is swept by the next one.
MOST_SEALING_S: Final = 600.0


class SessionChild:
    """The process of one session; get one from `start`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, session_id: str, profile: str = HIGH) -> SessionChild:
        """Start the process of a session that was claimed, to encode in a profile of H.264."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            MODULE,
            session_id,
            profile,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **ONE_THREAD},
            start_new_session=True,  # a signal to the server does not reach it: it ends when its input does
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    async def sound(self, pcm: bytes) -> None:
        """Hand on sound; waits while the process does not take it."""
        await self._tell(packed(Kind.SOUND, pcm))

    async def control(self, message: Mapping[str, Any]) -> None:
        """Hand on a control message."""
        await self._tell(packed_json(Kind.CONTROL, message))

    async def messages(self) -> AsyncIterator[tuple[Kind, bytes]]:
        """What the process says, up to its END. Raises WireBroken where it ends without one."""
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        while True:
            try:
                kind, length = opened_head(await self._process.stdout.readexactly(HEAD.size))
                payload = await self._process.stdout.readexactly(length)
            except asyncio.IncompleteReadError as error:
                raise WireBroken("The process of the session is gone.") from error
            yield kind, payload
            if kind is Kind.END:
                return

    async def close(self) -> None:
        """Let the process end: it seals what left, and goes. What it still says is read and thrown away."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        assert self._process.stdout is not None  # noqa: S101
        try:
            async with asyncio.timeout(MOST_SEALING_S):
                while await self._process.stdout.read(1 << 16):
                    pass
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _tell(self, message: bytes) -> None:
        if self._process.stdin is None:
            return
        with contextlib.suppress(OSError):  # it is gone; `messages` says so
            self._process.stdin.write(message)
            await self._process.stdin.drain()


async def seal_again(session_id: str) -> None:
    """Have what a killed process left sealed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        MODULE,
        "--seal",
        session_id,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    await process.wait()


def note_of(payload: bytes) -> dict[str, Any]:
    """A note or an end as it is told to whoever watches."""
    values: dict[str, Any] = json.loads(payload)
    return values
