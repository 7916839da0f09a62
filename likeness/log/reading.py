"""Reading a log's entries, each proven before it is handed out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from os import PathLike

from likeness.errors import LogRejected
from likeness.log.keys import LogKeys, key_of_the_log_itself, pinned_key
from likeness.log.sources import LogFiles, bundles_of, log_files, read_entries, read_hashes, read_text
from provenance.log.checkpoint import open_checkpoint
from provenance.log.entries import Entry, parse_entry
from provenance.log.errors import LogCheckFailed
from provenance.log.hashing import leaf_hash
from provenance.log.merkle import Frontier
from provenance.log.tiles import Tile


def read_log(place: str | PathLike[str], *, keys: LogKeys | None = None) -> Iterator[Entry]:
    """The entries of the log in a folder or at an address (a service's ends in `/v1/log`), in order.

    Before the first one is handed out, the hashes of all are read and lead to the signed checkpoint; each
    entry is compared with its hash. `keys` is a file with verification keys or with the log's key, or the
    former's values; without it the key beside the log is taken, which says nothing about whose it is. Raises
    `LogRejected` as soon as something does not hold, `LogUnreadable`, `ServiceUnreachable`.
    """
    files = log_files(place)
    key = pinned_key(keys) if keys is not None else key_of_the_log_itself(files)
    try:
        checkpoint = open_checkpoint(read_text(files, "checkpoint"), key)
        digests = _proven_tiles(files, checkpoint.size, checkpoint.root)
    except LogCheckFailed as error:
        raise LogRejected(str(error)) from error
    return _entries(files, checkpoint.size, digests)


def _proven_tiles(files: LogFiles, size: int, root: bytes) -> list[bytes]:
    """A digest of each tile of leaf hashes, once all of them lead to `root`: 32 bytes for 256 entries."""
    frontier, digests = Frontier(), []
    for bundle in bundles_of(size):
        hashes = read_hashes(files, Tile(0, bundle.index, bundle.width))
        for value in hashes:
            frontier.append(value)
        digests.append(_digest(hashes))
    if frontier.root() != root:
        raise LogCheckFailed("The hashes of the entries do not lead to the signed root.")
    return digests


def _entries(files: LogFiles, size: int, digests: list[bytes]) -> Iterator[Entry]:
    for bundle, digest in zip(bundles_of(size), digests, strict=True):
        try:
            bodies = read_entries(files, bundle)
            if _digest([leaf_hash(body) for body in bodies]) != digest:
                raise LogCheckFailed(f"An entry in tile/{bundle.path} is not the one that was signed.")
            entries = [parse_entry(body) for body in bodies]
        except LogCheckFailed as error:
            raise LogRejected(str(error)) from error
        yield from entries


def _digest(hashes: list[bytes]) -> bytes:
    return hashlib.sha256(b"".join(hashes)).digest()
