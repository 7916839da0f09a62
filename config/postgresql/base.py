"""The connection to PostgreSQL that gives up a server which says nothing for too long.

The driver and the system notice a connection that breaks. A server that is stopped, or whose disk hangs,
keeps it up: the kernel goes on acknowledging, and who waits for an answer waits until somebody ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.errors import _WaitTimeout

from config.postgresql.patience import limit_s

HEALTH_IN_S = 5.0


class DatabaseHangs(psycopg.OperationalError):
    """The server said nothing for so long that the connection was given up."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, whose waits end."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._shorter_s: float | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection[Any]:
        """As Django's."""
        connection: psycopg.Connection[Any] = super().get_new_connection(conn_params)
        connection.wait = partial(self._wait, connection, connection.wait)  # type: ignore[method-assign]
        return connection

    def is_usable(self) -> bool:
        """Whether the server answers on this connection. Django asks before a request uses an old one."""
        with self._giving_up_after(HEALTH_IN_S):
            return bool(super().is_usable())

    @contextmanager
    def _giving_up_after(self, seconds: float) -> Iterator[None]:
        self._shorter_s = seconds
        try:
            yield
        finally:
            self._shorter_s = None

    def _wait(
        self,
        connection: psycopg.Connection[Any],
        wait: Callable[..., Any],
        generator: Any,
        *arguments: Any,
        **named: Any,
    ) -> Any:
        named.setdefault("timeout", self._shorter_s or limit_s())
        try:
            return wait(generator, *arguments, **named)
        except _WaitTimeout:
            connection.pgconn.finish()  # what the server may still say would be taken for another answer
            raise DatabaseHangs("The server says nothing any more.") from None
