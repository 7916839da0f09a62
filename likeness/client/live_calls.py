"""What a `Client` asks about live sessions; `LiveStream` connects to them."""

from __future__ import annotations

from typing import Any

from likeness.client.answers import LiveInfo, LiveOpenedInfo
from likeness.client.decoding import decode
from likeness.transport import Transport


class LiveCalls:
    """The calls of a `Client` that are about live sessions."""

    _transport: Transport

    def open_live(
        self, portrait_id: str, *, voice: str, keep: bool = False, **choices: Any
    ) -> LiveOpenedInfo:
        """Open a live session of a portrait, to be connected to with `LiveStream`.

        `voice` is `own` or `synthetic`. With `keep` the whole session becomes a sealed video. `choices` are
        `size`, `fps`, `controls`, `seed`, `disclosure` and `renderer` of `POST /v1/live`.
        """
        body = {"portrait_id": portrait_id, "voice": voice, "keep": keep, **choices}
        return decode(LiveOpenedInfo, self._transport.json("POST", "/live", json=body))

    def read_live(self, session_id: str) -> LiveInfo:
        """How a live session is, and whether its record is sealed."""
        return decode(LiveInfo, self._transport.json("GET", f"/live/{session_id}"))
