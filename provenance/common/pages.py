"""What calls of the API that list something take: a cursor, or the number of a page as before."""

from __future__ import annotations

from typing import Annotated

from ninja import Query
from pydantic import AfterValidator

MOST_PAGES = 1_000_000
LONGEST_CURSOR = 500
PAGE_SIZE = 50


def within_pages(page: int) -> int:
    """The page, if a database can count to it. Raises ValueError."""
    if page > MOST_PAGES:
        raise ValueError(f"there are no more than {MOST_PAGES} pages")
    return page


Cursor = Annotated[
    str | None,
    Query(
        max_length=LONGEST_CURSOR,
        description="`next_cursor` of the answer before, as it is; left out for the first page.",
    ),
]
PageNumber = Annotated[
    int,
    Query(
        ge=1,
        deprecated=True,
        description="Fifty to a page, counted from 1. Deprecated: follow `next_cursor`, which neither "
        "repeats nor leaves out rows when others come or go meanwhile.",
    ),
    AfterValidator(within_pages),
]
