"""The witnesses of this service's log: who they are and where they are asked."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from provenance.log.cosignature import WitnessKey
from provenance.log.errors import NoteRejected


@dataclass(frozen=True)
class ConfiguredWitness:
    """A witness and the address below which it answers `add-checkpoint`."""

    key: WitnessKey
    address: str


def configured_witnesses() -> list[ConfiguredWitness]:
    """The witnesses in `LIKENESS_LOG_WITNESSES_FILE`: a line for each, vkey and address; # begins a remark.

    None where there is no such file. Raises NoteRejected for a line that cannot be used.
    """
    try:
        text = settings.LIKENESS_LOG_WITNESSES_FILE.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    found = []
    for line in text.splitlines():
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        if len(words) != 2 or not words[1].startswith(("http://", "https://")):
            raise NoteRejected("A line of the file of witnesses has a public key line and an address.")
        found.append(ConfiguredWitness(WitnessKey.from_vkey(words[0]), words[1].rstrip("/")))
    return found
