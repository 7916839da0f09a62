"""The keys of what is stored or handed out as JSON, as they were reviewed: `stored_forms.json`.

What is stored is read for years: a key that is renamed or gone makes old entries and new ones differ. To add
one, write it into that file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

REVIEWED: dict[str, dict[str, list[str]]] = json.loads(
    (Path(__file__).with_name("stored_forms.json")).read_text()
)


def key_paths(value: object, place: str = "") -> Iterator[str]:
    """The path of every key in JSON values: `record.state`, `reasons[].signal`."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            path = f"{place}.{key}" if place else str(key)
            yield path
            yield from key_paths(inner, path)
    elif isinstance(value, list):
        for item in value:
            yield from key_paths(item, f"{place}[]")


def difference(what: str, reviewed: list[str], found: list[str]) -> str:
    """What a person should know when the keys of `what` are not those reviewed; empty if they are.

    A reviewed key that ends with a question mark may be left out.
    """
    optional = {name.removesuffix("?") for name in reviewed if name.endswith("?")}
    always = {name for name in reviewed if not name.endswith("?")}
    gone, new = sorted(always - set(found)), sorted(set(found) - always - optional)
    sentences = [f"{what} has no {name} any more." for name in gone]
    if gone:
        sentences.append("What was stored before has it; so a reader of it would break.")
    sentences += [f"{what} holds {name}: add it to tests/contracts/stored/stored_forms.json." for name in new]
    return " ".join(sentences)
