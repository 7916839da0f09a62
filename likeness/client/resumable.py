"""Files in pieces, by tus 1.0: what arrived stays, and the upload goes on where the connection broke."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

from likeness.errors import AnswerUnreadable, ServiceRefusal, ServiceUnreachable
from likeness.transport import Transport

PIECE_BYTES: Final = 4 * 1024 * 1024
TRIES: Final = 8  # in a row without a piece that arrived
LONGEST_PAUSE_S: Final = 8.0
# The service is there and cannot answer now; 409 says that it has more or less than this client believes.
_PASSING: Final = {409, 429, 502, 503, 504}
_VERSION: Final = {"Tus-Resumable": "1.0.0"}


def upload_in_pieces(transport: Transport, path: Path, stream: IO[bytes], size: int) -> str:
    """Upload `size` bytes of an open file; the id of the upload. Raises `ServiceUnreachable` after TRIES.

    An upload that is given up is deleted, where the service can be reached.
    """
    name = base64.b64encode(path.name.encode()).decode()
    headers = {**_VERSION, "Upload-Length": str(size), "Upload-Metadata": f"filename {name}"}
    begun = transport.send("POST", "/uploads", headers=headers)
    begun.close()
    upload = begun.headers.get("Location", "").rpartition("/")[2]
    if not upload:
        raise AnswerUnreadable("The answer names no upload.")
    try:
        _send_all(transport, upload, stream, size)
    except BaseException:
        with contextlib.suppress(ServiceUnreachable, ServiceRefusal):
            transport.send("DELETE", f"/uploads/{upload}", headers=_VERSION).close()
        raise
    return upload


def _send_all(transport: Transport, upload: str, stream: IO[bytes], size: int) -> None:
    offset, failed = 0, 0
    while offset < size:
        try:
            if failed:
                offset = _offset(transport.send("HEAD", f"/uploads/{upload}", headers=_VERSION).headers)
                if offset >= size:
                    break
            stream.seek(offset)
            offset = _send_piece(transport, upload, offset, stream.read(PIECE_BYTES))
            failed = 0
        except (ServiceUnreachable, ServiceRefusal) as error:
            failed += 1
            is_passing = isinstance(error, ServiceUnreachable) or error.status in _PASSING
            if not is_passing or failed >= TRIES:
                raise
            time.sleep(min(2.0**failed / 4, LONGEST_PAUSE_S))


def _send_piece(transport: Transport, upload: str, offset: int, piece: bytes) -> int:
    headers = {
        **_VERSION,
        "Upload-Offset": str(offset),
        "Content-Type": "application/offset+octet-stream",
    }
    response = transport.send("PATCH", f"/uploads/{upload}", headers=headers, data=piece)
    response.close()
    return _offset(response.headers)


def _offset(headers: Mapping[str, str]) -> int:
    said = headers.get("Upload-Offset", "")
    if not said.isdecimal():
        raise AnswerUnreadable("The answer does not say how far the upload is.")
    return int(said)
