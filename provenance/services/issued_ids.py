"""The registries of all issued watermark ids, one for each year's key, brought up to date before every use.

They begin in a file that all processes of a machine share, and that whoever finds it far behind writes anew:
a million ids are neither loaded nor kept by each process. The newest ids are in each process's memory.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections

from provenance.common.errors import CodedError
from provenance.keys.service_keys import marking_year, watermark_key
from provenance.models.record import Record
from provenance.watermark.identification.registry import Registry
from provenance.watermark.identification.registry_file import (
    RegistryFileUnusable,
    open_registries,
    write_registries,
)

FILE = "issued-marks"
MOST_IN_MEMORY = 5_000  # newer ids than the file has; more are put into it
_PIECE = 100_000  # rows taken in at a time

logger = logging.getLogger(__name__)


class IssuedIds:
    """The ids of all records, by the year whose key carries them. For all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forget()

    def registry(self, year: int) -> Registry:
        """The ids issued in a year, with their codewords. Raises SecretUnusable."""
        key = watermark_key(year)
        with self._lock:
            try:
                held = self._registries.get(year)
                is_other_key = held is not None and held.key != key
                if not self._is_open or is_other_key or not self._is_of_this_database():
                    self._open()
                self._take_in()
                if self._in_memory > MOST_IN_MEMORY:
                    self._open()
                return self._registries.setdefault(year, Registry(key))
            except BaseException:
                self._forget()  # what was counted as taken in may not be
                raise

    def _forget(self) -> None:
        self._is_open = False
        self._registries: dict[int, Registry] = {}
        self._newest: tuple[int, str] | None = None  # log index and mark of the newest record taken in
        self._in_memory = 0

    def _open(self) -> None:
        """Begin anew with the file, and write that anew where it is far behind: one process at a time."""
        self._forget()
        path = Path(settings.LIKENESS_DATA_DIR) / FILE
        with _held(path.with_name(f"{FILE}.lock")):
            try:
                by_name, up_to = open_registries(path, lambda name: watermark_key(int(name)))
            except RegistryFileUnusable:
                by_name, up_to = {}, ""
            self._registries = {int(name): registry for name, registry in by_name.items()}
            index, _, mark = up_to.partition(" ")
            self._newest = (int(index), mark) if mark else None
            if not self._is_of_this_database():
                self._forget()
            self._is_open = True
            self._take_in()
            if self._in_memory > MOST_IN_MEMORY:
                self._write(path)

    def _write(self, path: Path) -> None:
        assert self._newest is not None  # noqa: S101 - something was taken in
        try:
            registries = {str(year): registry for year, registry in self._registries.items()}
            write_registries(path, registries, up_to="{} {}".format(*self._newest))
            opened, _ = open_registries(path, lambda name: self._registries[int(name)].key)
            self._registries = {int(name): registry for name, registry in opened.items()}
        except (OSError, RegistryFileUnusable):
            logger.warning("%s cannot be written: newer ids stay in memory", path, exc_info=True)
        self._in_memory = 0

    def _is_of_this_database(self) -> bool:
        """False when this is another database than before, or one that was put back to an earlier state."""
        if self._newest is None:
            return True
        index, mark = self._newest
        return Record.objects.filter(log_index=index, watermark_id=mark).exists()

    def _take_in(self) -> None:
        rows = Record.objects.order_by("log_index").values_list(
            "log_index", "watermark_id", "watermark_year", "watermark_version"
        )
        if self._newest is not None:
            rows = rows.filter(log_index__gt=self._newest[0])
        found: dict[tuple[int, int], array[int]] = {}
        for number, (index, mark, year, version) in enumerate(rows.iterator(), 1):
            found.setdefault((year, version), array("Q")).append(int(mark, 16))
            self._newest = index, mark
            self._in_memory += 1
            if number % _PIECE == 0:
                self._add(found)
        self._add(found)

    def _add(self, found: dict[tuple[int, int], array[int]]) -> None:
        for (year, version), ids in found.items():
            if year not in self._registries:
                self._registries[year] = Registry(watermark_key(year))
            self._registries[year].add(ids, version)
        found.clear()


def marking_years() -> list[int]:
    """The years whose keys have marked videos, the newest first; this year before there are any."""
    years = Record.objects.order_by("-watermark_year").values_list("watermark_year", flat=True).distinct()
    return list(years) or [marking_year()]


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Whoever has the file `path` locked; the others wait. Where it cannot be made, nobody waits."""
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


issued_ids = IssuedIds()


def get_ready() -> None:
    """Open or write the file now, so that the first file to verify need not wait for it.

    What cannot be had yet is had, or refused, when it is needed.
    """
    try:
        for year in marking_years():
            issued_ids.registry(year)
    except (DatabaseError, CodedError) as error:
        logger.warning("The ids of issued marks could not be opened at start: %s", error)
    finally:
        connections.close_all()
