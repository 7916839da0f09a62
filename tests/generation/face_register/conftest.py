"""Descriptors that stand for faces, and a registration that a machine has looked at."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Channel, Contact
from accounts.services.contacts.addresses import find_or_make_contact
from generation.live_check.report import LiveWarning, RecordingReport
from generation.models import FaceRegistration, Portrait
from generation.services.face_register import registering
from generation.services.face_register.sealed_faces import VALUES, seal_descriptor
from generation.services.live_check import checking
from generation.services.live_check.receiving import draw_phrase
from tools.visitor import empty_recording

HERS = tuple([0.1] * VALUES)
ALIKE = (0.4, *HERS[1:])  # .3 away
ANOTHERS = (0.8, *HERS[1:])  # .7 away

Register = Callable[..., FaceRegistration]


def described(portrait: Portrait, values: tuple[float, ...] = ALIKE) -> Portrait:
    """The portrait, with a face that a worker has described."""
    Portrait.objects.filter(pk=portrait.pk).update(sealed_descriptor=seal_descriptor(values))
    portrait.refresh_from_db()
    return portrait


@pytest.fixture
def vera_contact(db: None) -> Contact:
    return find_or_make_contact(Channel.EMAIL, "vera@mail.example")


@pytest.fixture
def register(vera_contact: Contact, monkeypatch: pytest.MonkeyPatch) -> Register:
    """Send a recording, and have a machine look at it that finds `warnings` and a face."""

    def send(*warnings: LiveWarning, values: tuple[float, ...] = HERS) -> FaceRegistration:
        report = RecordingReport(warnings, descriptor=values, picture=b"\xff\xd8 a face")
        monkeypatch.setattr(checking, "examine_recording", lambda *args, **more: report)
        row = registering.receive_registration(
            vera_contact,
            ticket=draw_phrase(vera_contact, "en").ticket,
            file=SimpleUploadedFile("recording.mp4", empty_recording()),
            is_live=True,
        )
        FaceRegistration.objects.filter(sha256=row.sha256).exclude(pk=row.pk).update(sha256=row.pk)
        assert registering.check_registration(row.pk)
        row.refresh_from_db()
        return row

    return send
