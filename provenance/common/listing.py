"""Which rows of a list a call of the API asks for, and in which order."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar

from django.db.models import Model, QuerySet
from ninja import Field, Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from provenance.common.keyset import KeysetPage, listed_page
from provenance.common.pages import PAGE_SIZE

Row = TypeVar("Row", bound=Model)
_DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
_BLANK_BEFORE_ZONE = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:?\d\d)$")


ListCount = Annotated[
    int,
    Field(
        description="How many there were when the first page was read; of 100,000 or more, up to ten seconds "
        "before."
    ),
]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("it must be in the years 1 to 9999 of UTC") from None


def _as_date_and_time(written: object) -> object:
    if not isinstance(written, str) or not _DATE_AND_TIME.match(written):
        raise ValueError("it must be a date and a time, as 2026-12-01T09:00:00Z")
    return _BLANK_BEFORE_ZONE.sub(r"\1+\2", written)


# One that databases can compare, written as RFC 3339 has it and not as a number of seconds. A "+" that
# stands in an address as it is arrives as a blank.
Moment = Annotated[AwareDatetime, BeforeValidator(_as_date_and_time), AfterValidator(_in_utc)]


class ListFilters(Schema):
    """What every list takes. Lists add fields that are columns of their rows, or override `chosen`."""

    created_after: Moment | None = Field(
        None, description="Only what was created after this moment, which has a time zone."
    )
    created_before: Moment | None = Field(None, description="Only what was created before it.")
    order: Literal["newest", "oldest"] = Field("newest", description="Which come first.")

    def chosen(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """The rows that have the values asked for, in the order asked for."""
        given = self.model_dump(exclude={"created_after", "created_before", "order"}, exclude_none=True)
        found = rows.filter(**given)
        if self.created_after is not None:
            found = found.filter(created_at__gt=self.created_after)
        if self.created_before is not None:
            found = found.filter(created_at__lt=self.created_before)
        return found.order_by("created_at", "id") if self.order == "oldest" else found

    def scope(self, name: str) -> str:
        """The scope of this list's cursors: a cursor goes on with the filters with which its list began."""
        given = self.model_dump_json(exclude_defaults=True)
        return name if given == "{}" else f"{name}:{hashlib.sha256(given.encode()).hexdigest()[:16]}"


def filtered_page(
    rows: QuerySet[Row], filters: ListFilters, *, page: int, cursor: str | None, name: str
) -> KeysetPage[Row]:
    """A page of `rows`, newest first, as the API's lists give them; `name` is the list and whose it is.

    Raises CursorInvalid, and InvalidInput for a request with both a cursor and a page number.
    """
    return listed_page(
        filters.chosen(rows), page=page, cursor=cursor, size=PAGE_SIZE, scope=filters.scope(name)
    )
