"""Notes in the log that an auditor looked: whoever looks at others' decisions is seen doing it."""

from __future__ import annotations

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.policy import require_role
from accounts.models import StaffRole
from generation.audit_desk.videos import AuditFilter
from provenance.log.entries import LogEvent
from provenance.log.export_file import ExportForm
from provenance.services import log


@transaction.atomic
def note_search(*, actor: Actor, wanted: AuditFilter) -> None:
    """An auditor looks at the list of videos and its figures. Raises RoleRequired, LogDamaged."""
    require_role(actor, StaffRole.AUDITOR)
    log.append(LogEvent.AUDIT_VIEWED, actor=actor.id, data={"page": "videos", **wanted.to_json()})


@transaction.atomic
def note_video(*, actor: Actor, rendition_id: str) -> None:
    """An auditor looks at who decided on one video. Raises RoleRequired, LogDamaged."""
    require_role(actor, StaffRole.AUDITOR)
    data = {"page": "video", "rendition_id": rendition_id}
    log.append(LogEvent.AUDIT_VIEWED, actor=actor.id, data=data)


@transaction.atomic
def note_export(*, actor: Actor, wanted: AuditFilter, form: ExportForm) -> None:
    """An auditor takes log entries along. Raises RoleRequired, LogDamaged."""
    require_role(actor, StaffRole.AUDITOR)
    log.append(LogEvent.AUDIT_EXPORTED, actor=actor.id, data={"form": form.value, **wanted.to_json()})
