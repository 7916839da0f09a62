"""One HTTP request as it arrives: its head, then as much body as the head announces."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile

# More than gunicorn's own parser takes, so that it refuses what is too long, in its words.
LONGEST_HEAD_BYTES = 128 * 1024
IN_MEMORY_BYTES = 64 * 1024


class Incoming:
    """A request that arrives in pieces; a large one goes to a file without a name in `folder`.

    Bodies of more than `largest_body` bytes, of no stated length or of an unreadable one are not received:
    `is_cut` says so, and whoever answers has to close the connection, where the rest would look like another
    request.
    """

    def __init__(self, folder: str | None, largest_body: int) -> None:
        self.file = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES, dir=folder)  # noqa: SIM115 - closed by close
        self.is_whole = False
        self.is_cut = False
        self.has_head = False
        self.expects_continue = False
        self.body_bytes = 0
        self._largest_body = largest_body
        self._head = bytearray()
        self._left = 0

    @property
    def is_begun(self) -> bool:
        """Whether anything has arrived."""
        return self.has_head or bool(self._head)

    def feed(self, data: bytes) -> bytes:
        """Take what arrived; what lies beyond the end of this request comes back. Raises OSError."""
        if not self.has_head:
            seen = max(0, len(self._head) - 3)
            self._head += data
            end = self._head.find(b"\r\n\r\n", seen)
            if end < 0 and len(self._head) <= LONGEST_HEAD_BYTES:
                return b""
            end = end + 4 if end >= 0 else len(self._head)
            head, data = bytes(self._head[:end]), bytes(self._head[end:])
            self._head.clear()
            self.has_head = True
            self.file.write(head)
            self._read_head(head)
        mine = data[: self._left]
        self.file.write(mine)
        self._left -= len(mine)
        if not self._left:
            self.is_whole = True
            self.file.seek(0)
        return data[len(mine) :]

    def _read_head(self, head: bytes) -> None:
        lengths, is_open = [], not head.endswith(b"\r\n\r\n")
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            name, value = name.strip().lower(), value.strip()
            if name == b"content-length":
                lengths.append(value)
            elif name == b"transfer-encoding":
                is_open = True
            elif name == b"expect":
                self.expects_continue = value.lower() == b"100-continue"
        if not lengths and not is_open:
            return
        is_number = len(lengths) == 1 and lengths[0].isdigit() and len(lengths[0]) < 16
        if is_open or not is_number or int(lengths[0]) > self._largest_body:
            self.is_cut = True
            return
        self.body_bytes = self._left = int(lengths[0])

    def close(self) -> None:
        """Let go of what was received."""
        self.file.close()
