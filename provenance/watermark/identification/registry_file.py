"""A file of registries that processes share: mapped into memory, not read, so that a million ids are there
at once and once for all processes of a machine.

A line of JSON, then for each key its ids and codewords as they lie in memory, each section on a page of its
own. What a section holds is authenticated with its key: of another key, cut short or edited, it is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.common.strict_json import parse, to_plain
from provenance.watermark.coding.payload import WatermarkKey
from provenance.watermark.identification.registry import WORDS, Issued, Registry

FORMAT: Final = 1
_PAGE: Final = 4096
_BYTES_OF_ID: Final = 8 * (1 + WORDS)
_PIECE: Final = 1 << 22


class RegistryFileUnusable(ValueError):
    """The file is missing, of another key, or not as it was written."""


@dataclass(frozen=True)
class _Section:
    name: str
    ids: int
    tag: str


@dataclass(frozen=True)
class _Head:
    format: int
    up_to: str
    sections: list[_Section]


def write_registries(path: Path, registries: Mapping[str, Registry], *, up_to: str) -> None:
    """Put the registries, by name, in the place of what is at `path`, whole or not at all.

    `up_to` comes back with them. Readers of the file that was there before keep it. Raises OSError.
    """
    arrays = {name: registry.issued() for name, registry in registries.items()}
    head = _Head(
        FORMAT,
        up_to,
        [
            _Section(name, len(issued.ids), _tag(registries[name].key, up_to, name, issued))
            for name, issued in arrays.items()
        ],
    )
    partial = path.with_name(f"{path.name}.partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(json.dumps(to_plain(head)).encode() + b"\n")
        for issued in arrays.values():
            file.write(bytes(-file.tell() % _PAGE))
            for array in issued:
                file.write(np.ascontiguousarray(array, "<u8").data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def open_registries(path: Path, key_of: Callable[[str], WatermarkKey]) -> tuple[dict[str, Registry], str]:
    """The registries in a file by name, and its `up_to`. Ids that are added to them stay in memory.

    Raises RegistryFileUnusable, and what `key_of` raises.
    """
    try:
        with path.open("rb") as file:
            line = file.readline()
        head = parse(_Head, line.decode())
        data: NDArray[np.uint8] = np.memmap(path, np.uint8, mode="r")
    except (OSError, ValueError) as error:
        raise RegistryFileUnusable("It is missing or has no readable head.") from error
    if head.format != FORMAT:
        raise RegistryFileUnusable(f"Its format is {head.format}, not {FORMAT}.")
    registries = {}
    start = len(line)
    for section in head.sections:
        start += -start % _PAGE
        end = start + section.ids * _BYTES_OF_ID
        if section.ids < 0 or end > len(data):
            raise RegistryFileUnusable("It was cut short.")
        words = data[start:end].view("<u8").reshape(1 + WORDS, section.ids)
        issued, key = Issued(words[0], words[1:]), key_of(section.name)
        if not hmac.compare_digest(section.tag, _tag(key, head.up_to, section.name, issued)):
            raise RegistryFileUnusable("It was made with another key, or changed.")
        registries[section.name] = Registry(key, issued)
        start = end
    return registries, head.up_to


def _tag(key: WatermarkKey, up_to: str, name: str, issued: Issued) -> str:
    """What only the key's owner can make of a section: keyed BLAKE2b."""
    tag = hashlib.blake2b(key=key.derive(b"registry file"), digest_size=32)
    tag.update(json.dumps([up_to, name]).encode())
    for array in issued:
        data = np.ascontiguousarray(array, "<u8").reshape(-1).view(np.uint8)
        for start in range(0, len(data), _PIECE):
            tag.update(data[start : start + _PIECE].data)
    return tag.hexdigest()
