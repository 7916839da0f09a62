"""The public API of the transparency log: checkpoint, entries, proofs and c2sp.org/tlog-tiles."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import P, Query, Router

from provenance.api.log_schemas import (
    ConsistencyProofOut,
    InclusionProofOut,
    LogEntriesOut,
    LogEntryOut,
)
from provenance.api.problem_schemas import Problem
from provenance.common.errors import NotFound
from provenance.keys.service_keys import log_verify_key
from provenance.log.entries import LogEvent
from provenance.log.errors import EntryRejected, TileRejected
from provenance.log.tiles import parse_tile_path
from provenance.models.log import LogEntry
from provenance.selectors import log
from provenance.selectors.signed_head import signed_head
from provenance.selectors.witnessed_head import witnessed_head

MAX_PAGE = 1000
PLAIN_TEXT = "text/plain; charset=utf-8"
IMMUTABLE = "public, max-age=31536000, immutable"
FEW_SECONDS = "public, max-age=2"  # the checkpoint moves on with every entry

router = Router(tags=["log"])
REFUSALS: dict[Any, Any] = {404: Problem}
_KEY_LINE = "likeness.example/log+71a934d7+AZHwI3uCikxc9NUIV9RGnEnIt5vj3Wbiy1dkFaOJzVG8\n"
_HEAD = """likeness.example/log
11
MUrFgsBRq9zY+8w8pZs+EJxhxSqJdln4TvyuNH+UMtk=

\N{EM DASH} likeness.example/log \
cak016d67SeiSFNdtIlP9Ik3SwNTAw9OTxJ+27RBBNhhEA+AA8fDnlVu8huyBw2H7NtdCsm5IXK1ki3mdqjpXjcgEws=
"""


def _text(example: str) -> dict[str, Any]:
    """The description of an answer of a few lines."""
    content = {"text/plain": {"example": example}}
    return {"responses": {200: {"description": "A few lines of text.", "content": content}}}


_TILE = {"responses": {200: {"description": "The tile.", "content": {"application/octet-stream": {}}}}}


@router.get(
    "/log/checkpoint",
    auth=None,
    openapi_extra=_text(_HEAD),
    response=REFUSALS,
    summary="The signed head of the log",
)
def get_checkpoint(request: HttpRequest) -> HttpResponse:
    """A signed note (c2sp.org/tlog-checkpoint) with the log's size and root. 404 before the first entry."""
    note = signed_head().note
    return HttpResponse(note, content_type=PLAIN_TEXT, headers={"Cache-Control": FEW_SECONDS})


@router.get(
    "/log/witnessed",
    auth=None,
    openapi_extra=_text(_HEAD),
    response=REFUSALS,
    summary="The newest head that witnesses signed",
)
def get_witnessed_checkpoint(request: HttpRequest) -> HttpResponse:
    """A checkpoint with the cosignatures of witnesses (c2sp.org/tlog-cosignature) under the log's signature.

    It may be older than `/v1/log/checkpoint`. 404 where no witness has signed one.
    """
    note = witnessed_head().note
    return HttpResponse(note, content_type=PLAIN_TEXT, headers={"Cache-Control": FEW_SECONDS})


@router.get("/log/key", auth=None, openapi_extra=_text(_KEY_LINE), summary="The log's public key")
def get_key(request: HttpRequest) -> HttpResponse:
    """The public key in one line (name+id+key). Take it once over a way you trust, and keep it."""
    return HttpResponse(f"{log_verify_key().vkey}\n", content_type=PLAIN_TEXT)


@router.get("/log/entries", auth=None, response=LogEntriesOut, summary="Entries in order")
def list_entries(  # noqa: PLR0917 - query parameters, passed by name
    request: HttpRequest,
    after: Annotated[int, Query(ge=-1, lt=2**63, description="only entries with a higher index")] = -1,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    event: LogEvent | None = None,
    actor: Annotated[str, Query(max_length=80)] = "",
    subject: Annotated[str, Query(max_length=64, description="a public id that the data mentions")] = "",
) -> LogEntriesOut:
    """Entries from `after` on, filtered by event, actor or an id that the entry is about."""
    found = log.find_entries(event=event or "", actor=actor, mentioning=subject)
    rows = list(found.filter(index__gt=after).order_by("index")[: limit + 1])
    page = rows[:limit]
    return LogEntriesOut(
        entries=[_entry_out(row) for row in page],
        next_after=page[-1].index if len(rows) > limit else None,
        tree_size=log.tree_size(),
    )


@router.get(
    "/log/entries/{int:index}", auth=None, response={200: LogEntryOut, **REFUSALS}, summary="One entry"
)
def get_entry(request: HttpRequest, index: int) -> LogEntryOut:
    """The entry at `index`, with the exact bytes that were hashed."""
    return _entry_out(log.entry_at(index))


@router.get(
    "/log/proof/inclusion",
    auth=None,
    response={200: InclusionProofOut, **REFUSALS},
    summary="Prove an entry is there",
)
def get_inclusion_proof(
    request: HttpRequest,
    index: Annotated[int, Query(ge=0, lt=2**63)],
    tree_size: Annotated[int | None, Query(ge=1, lt=2**63, description="left out: the newest")] = None,
) -> InclusionProofOut:
    """The audit path of an entry to the root of the log at `tree_size`."""
    size = tree_size if tree_size is not None else log.tree_size()
    return InclusionProofOut.of(log.inclusion_proof(index, size))


@router.get(
    "/log/proof/consistency",
    auth=None,
    response={200: ConsistencyProofOut, **REFUSALS},
    summary="Prove no change",
)
def get_consistency_proof(
    request: HttpRequest,
    first: Annotated[int, Query(ge=0, lt=2**63)],
    second: Annotated[int | None, Query(ge=0, lt=2**63, description="left out: the newest")] = None,
) -> ConsistencyProofOut:
    """The proof that the log at `second` begins with the log at `first`."""
    size = second if second is not None else log.tree_size()
    return ConsistencyProofOut.of(log.consistency_proof(first, size))


@router.get(
    "/log/tile/{path:path}",
    auth=None,
    openapi_extra=_TILE,
    response=REFUSALS,
    summary="A tile of hashes or a bundle of entries",
)
def get_tile(request: HttpRequest, path: Annotated[str, P(max_length=64)]) -> HttpResponse:
    """Static resources of c2sp.org/tlog-tiles: `0/000`, `1/x001/234.p/17`, `entries/000.p/3`."""
    try:
        tile = parse_tile_path(path)
    except TileRejected as error:
        raise NotFound(str(error), hint="Paths are those of c2sp.org/tlog-tiles.") from error
    return HttpResponse(
        log.tile_content(tile),
        content_type="application/octet-stream",
        headers={"Cache-Control": IMMUTABLE},
    )


def _entry_out(row: LogEntry) -> LogEntryOut:
    try:
        return LogEntryOut.of(row)
    except EntryRejected as error:
        raise log.LogDamaged from error
