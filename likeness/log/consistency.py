"""Whether one signed tree of a log begins another, by the hashes in the log's own tiles."""

from __future__ import annotations

from likeness.log.sources import LogFiles, read_hashes
from provenance.log.checkpoint import Checkpoint
from provenance.log.merkle import Frontier, Subtree, plan_consistency, verify_consistency
from provenance.log.tiles import TILE_HEIGHT, TILE_WIDTH, Tile


def require_prefix(files: LogFiles, first: Checkpoint, second: Checkpoint) -> None:
    """Require that the tree of `second` begins with that of `first`, which is no larger.

    Reads a few tiles, whatever the sizes. What stands in them need not be trusted: only hashes that lead to
    both roots pass. Raises ProofRejected, and TileRejected for a tile that is missing.
    """
    plan = plan_consistency(first.size, second.size)
    hashes = {subtree: _hash_of(files, subtree, second.size) for subtree in plan.subtrees}
    verify_consistency(
        first=first.size,
        second=second.size,
        first_root=first.root,
        second_root=second.root,
        proof=plan.hashes(hashes),
    )


def _hash_of(files: LogFiles, subtree: Subtree, size: int) -> bytes:
    """The hash of a complete subtree of a log of `size` entries, from the tile below it."""
    level, height = divmod(subtree.level, TILE_HEIGHT)
    begin = subtree.offset << height
    index, place = divmod(begin, TILE_WIDTH)
    width = min(TILE_WIDTH, (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH)
    part = Frontier()
    for value in read_hashes(files, Tile(level, index, width))[place : place + (1 << height)]:
        part.append(value)
    return part.root()
