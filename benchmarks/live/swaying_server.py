"""The live server with sessions of `swaying_session`, for `uvicorn`."""

from __future__ import annotations

from config.live_server import child

child.MODULE = "benchmarks.live.swaying_session"  # type: ignore[misc]

from config.asgi import application  # noqa: E402 - after the change

__all__ = ["application"]
