"""Whose log it is: the public key, pinned or taken from the log itself."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from likeness.errors import FileUnreadable, LogUnreadable
from likeness.json_files import JsonObject, json_object, read_bytes
from likeness.log.sources import LogFiles, read_text
from provenance.log.errors import NoteRejected
from provenance.log.keys import LogVerifyKey

# A file with verification keys or with the one line of `/v1/log/key`, or the values of the former.
LogKeys = JsonObject


def pinned_key(keys: LogKeys) -> LogVerifyKey:
    """The log's key among verification keys, or in a file with its one line. Raises `FileUnreadable`."""
    line = _line(Path(keys)) if isinstance(keys, str | PathLike) else None
    if line is None:
        line = str(json_object(keys).get("log_key"))
    try:
        return LogVerifyKey.from_vkey(line)
    except NoteRejected as error:
        raise FileUnreadable(
            f"The log's key cannot be used: {error}",
            hint="Take the file from /v1/verification-keys, or the line from /v1/log/key.",
        ) from error


def key_of_the_log_itself(files: LogFiles) -> LogVerifyKey:
    """The key that lies beside the log: enough to see that it agrees with itself. Raises `LogUnreadable`."""
    try:
        return LogVerifyKey.from_vkey(read_text(files, "key"))
    except NoteRejected as error:
        raise LogUnreadable(f"The key beside the log cannot be used: {error}") from error


def _line(file: Path) -> str | None:
    text = read_bytes(file).decode(errors="replace").strip()
    return None if text.startswith("{") else text
