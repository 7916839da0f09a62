from __future__ import annotations

from tests.provenance.preloaded import _offline_files_are_read_by_one_reader

__all__ = ["_offline_files_are_read_by_one_reader"]
