"""The signed export of what an auditor looked for, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.conf import settings

from generation.audit_desk.figures import entries_in
from generation.audit_desk.videos import AuditFilter
from provenance.keys.service_keys import log_signing_key
from provenance.log.export_file import ExportForm, export_lines
from provenance.selectors import log

_AT_ONCE: Final = 2_000


def signed_export(wanted: AuditFilter, form: ExportForm) -> Iterator[str]:
    """The lines of an export of the log as it is now; entries that come meanwhile are not in it."""
    size = log.tree_size()
    about = {
        "export": "log entries",
        "origin": settings.LIKENESS_LOG_ORIGIN,
        "tree_size": size,
        "filter": wanted.to_json(),
    }
    rows = entries_in(wanted).filter(index__lt=size).distinct()
    entries = (row.entry for row in rows.iterator(_AT_ONCE))
    return export_lines(entries, form=form, about=about, key=log_signing_key())
