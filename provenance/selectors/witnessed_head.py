"""The newest checkpoint that witnesses have signed, with their signatures under it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from provenance.common.errors import NotFound
from provenance.keys.witnesses import configured_witnesses
from provenance.log.errors import NoteRejected
from provenance.models import LogCheckpoint, LogCosignature
from provenance.selectors.signed_head import SignedHead, sign_stored


def witnessed_head(covering: int = 0) -> SignedHead:
    """The checkpoint that covers an entry and has most witnesses, of several the newest.

    Raises NotFound where no witness has signed one that covers it, LogStandsStill and LogDamaged.
    """
    counted = LogCosignature.objects.filter(size__gt=covering).order_by().values("size")
    best = counted.annotate(witnesses=Count("pk")).order_by("-witnesses", "-size").first()
    row = None if best is None else LogCheckpoint.objects.filter(size=best["size"]).first()
    if best is None or row is None:
        raise NotFound(
            "No witness has signed a checkpoint that covers this.",
            hint="Where the service has no witnesses, none will; else ask again later.",
        )
    head = sign_stored(row)
    lines = LogCosignature.objects.filter(size=head.size).order_by("witness").values_list("line", flat=True)
    return SignedHead(head.size, head.root, head.note + "".join(lines))


@dataclass(frozen=True)
class WitnessCount:
    """How many of the witnesses that are asked have signed a checkpoint that covers an entry, and who."""

    asked: int
    names: tuple[str, ...]

    @property
    def signed(self) -> int:
        """How many have signed."""
        return len(self.names)


def witnesses_of(index: int) -> WitnessCount:
    """The witnesses of the entry at `index`."""
    try:
        keys = [witness.key for witness in configured_witnesses()]
    except (NoteRejected, OSError):  # said by the task that asks them
        keys = []
    vkeys = {key.vkey: key.name for key in keys}
    signed = LogCosignature.objects.filter(size__gt=index, witness__in=vkeys)
    names = {vkeys[vkey] for vkey in signed.values_list("witness", flat=True).distinct()}
    return WitnessCount(len(keys), tuple(sorted(names)))
