"""Pages of long lists by key: a cursor names the last row that was shown, and the next page begins after it.

A page costs the same wherever it is in the list, and rows that come or go meanwhile neither repeat nor hide
others. Page numbers, which the API took before, still work.

Counting a million rows takes longer than reading any page of them, so the count of a very long list may be
some seconds old.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.cache import cache
from django.core.exceptions import FieldDoesNotExist
from django.core.signing import BadSignature, Signer
from django.db.models import BooleanField, Func, Model, QuerySet, Value
from django.db.models import Field as ModelField
from django.utils.translation import gettext_noop as _

from provenance.common.errors import InvalidInput
from provenance.common.shared_cache import cache_away

Row = TypeVar("Row", bound=Model)

MANY = 100_000  # rows whose count is remembered
REMEMBERED_S = 10

logger = logging.getLogger(__name__)


class CursorInvalid(InvalidInput):
    """A cursor that was not made for this list."""

    code = "cursor_invalid"
    message = "The cursor was not made for this list."
    hint = "Take next_cursor from the last answer as it is, or begin again without a cursor."


@dataclass(frozen=True)
class KeysetPage(Generic[Row]):
    """Some neighbouring rows of a list, in its order.

    `count` is how many rows the list had when its first page was read, None where nobody counted. The cursors
    lead to the neighbouring pages and are None where there is none.
    """

    items: list[Row]
    count: int | None
    next_cursor: str | None
    previous_cursor: str | None

    def __iter__(self) -> Iterator[Row]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def read_page(
    rows: QuerySet[Row], *, cursor: str | None, size: int, scope: str, is_counted: bool = False
) -> KeysetPage[Row]:
    """The page that a cursor leads to, the first without one.

    `rows` is ordered by columns or annotations of one direction, the last of which is unique. `scope` is the
    list and whose it is: a cursor of another scope is refused. With `is_counted` the first page counts the
    list, and the cursors carry the count on. Raises CursorInvalid.
    """
    order = _Order.of(rows)
    signer = Signer(salt=f"keyset:{scope}")
    position = _Position.read(signer, cursor, order) if cursor is not None else None
    is_backward = position is not None and position.is_backward
    count = position.count if position is not None else _counted(rows) if is_counted else None
    found = rows
    if position is not None:
        found = found.filter(_beyond(order, position))
    if is_backward:
        found = found.reverse()
    items = list(found[: size + 1])
    has_more = len(items) > size
    items = items[:size]
    if is_backward:
        items.reverse()

    def leads(row: Row, *, is_backward: bool) -> str:
        key = [_plain(getattr(row, name)) for name in order.names]
        return signer.sign_object([int(is_backward), count, key])

    has_next = bool(items) and (has_more or is_backward)
    has_previous = bool(items) and (has_more if is_backward else position is not None)
    return KeysetPage(
        items=items,
        count=count,
        next_cursor=leads(items[-1], is_backward=False) if has_next else None,
        previous_cursor=leads(items[0], is_backward=True) if has_previous else None,
    )


def shown_page(rows: QuerySet[Row], *, cursor: str | None, size: int, scope: str) -> KeysetPage[Row]:
    """As `read_page`, for pages that people look at: with a cursor that leads nowhere, the first page."""
    try:
        page = read_page(rows, cursor=cursor or None, size=size, scope=scope)
    except CursorInvalid:
        page = read_page(rows, cursor=None, size=size, scope=scope)
    if cursor and not page.items:
        return read_page(rows, cursor=None, size=size, scope=scope)
    return page


def listed_page(
    rows: QuerySet[Row], *, page: int, cursor: str | None, size: int, scope: str
) -> KeysetPage[Row]:
    """A page of a list of the API, by its cursor or by its number, counted.

    Raises CursorInvalid, and InvalidInput for a request with both.
    """
    if page == 1:
        return read_page(rows, cursor=cursor, size=size, scope=scope, is_counted=True)
    if cursor is not None:
        raise InvalidInput(_("Send a cursor or a page number, not both."))
    return _numbered_page(rows, page=page, size=size, scope=scope)


def _numbered_page(rows: QuerySet[Row], *, page: int, size: int, scope: str) -> KeysetPage[Row]:
    """Page `page`, with the cursor that goes on from there.

    Rows are skipped in the index and from the nearer end, and only then read.
    """
    count = _counted(rows)
    start, stop = (page - 1) * size, min(page * size, count)
    if start >= count:
        return KeysetPage(items=[], count=count, next_cursor=None, previous_cursor=None)
    keys = rows.select_related(None).values_list("pk", flat=True)
    is_nearer_end = start > count // 2
    found = keys.reverse()[count - stop : count - start] if is_nearer_end else keys[start:stop]
    items = list(rows.filter(pk__in=list(found)))
    key = [_plain(getattr(items[-1], name)) for name in _Order.of(rows).names] if items else []
    signer = Signer(salt=f"keyset:{scope}")
    next_cursor = signer.sign_object([0, count, key]) if items and stop < count else None
    return KeysetPage(items=items, count=count, next_cursor=next_cursor, previous_cursor=None)


def _counted(rows: QuerySet[Row]) -> int:
    """How many rows there are; of MANY or more, how many there were within the last REMEMBERED_S seconds."""
    query, values = rows.order_by().query.sql_with_params()
    key = "count:" + hashlib.sha256(repr((query, values)).encode()).hexdigest()
    try:
        remembered: int | None = cache.get(key)
        if remembered is not None:
            return remembered
        count = rows.count()
        if count >= MANY:
            cache.set(key, count, timeout=REMEMBERED_S)
    except cache_away() as error:
        logger.warning("The shared cache is unavailable, so counts are not remembered: %s", error)
        return rows.count()
    return count


@dataclass(frozen=True)
class _Order:
    """By which columns or annotations a list is ordered, all of them falling or all of them rising."""

    names: tuple[str, ...]
    is_falling: bool
    model: type[Model]

    @classmethod
    def of(cls, rows: QuerySet[Any]) -> _Order:
        """The order of a query. A list without one fixed order is a fault of the caller."""
        order = tuple(str(name) for name in rows.query.order_by)
        falling = {name.startswith("-") for name in order}
        assert len(falling) == 1, f"{rows.model.__name__} is ordered by {order}"  # noqa: S101
        return cls(tuple(name.removeprefix("-") for name in order), falling.pop(), rows.model)

    def value(self, index: int, value: object) -> Value:
        """A value of one of the columns, as the database compares it with."""
        try:
            field = self.model._meta.get_field(self.names[index])
        except FieldDoesNotExist:  # an annotation
            return Value(value)
        assert isinstance(field, ModelField)  # noqa: S101
        return Value(field.to_python(value), output_field=field)


@dataclass(frozen=True)
class _Position:
    """What a cursor says: beyond which row, in which direction, and how many rows there were."""

    is_backward: bool
    count: int | None
    key: list[Any]

    @classmethod
    def read(cls, signer: Signer, cursor: str, order: _Order) -> _Position:
        """A cursor that `signer` has made. Raises CursorInvalid."""
        try:
            is_backward, count, key = signer.unsign_object(cursor)
        except (BadSignature, ValueError) as error:
            raise CursorInvalid from error
        if len(key) != len(order.names):  # made by a release that ordered the list by something else
            raise CursorInvalid
        return cls(bool(is_backward), count, key)


class _RowValue(Func):
    """Several columns or values as one row value, which databases compare from left to right."""

    template = "(%(expressions)s)"


class _Rising(Func):
    """That one row value comes before another."""

    template = "%(expressions)s"
    arg_joiner = " < "
    output_field = BooleanField()


def _beyond(order: _Order, position: _Position) -> _Rising:
    columns = _RowValue(*order.names)
    values = _RowValue(*(order.value(index, value) for index, value in enumerate(position.key)))
    is_below = order.is_falling != position.is_backward
    return _Rising(columns, values) if is_below else _Rising(values, columns)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
