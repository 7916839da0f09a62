"""docs/errors.md is what the code says."""

from __future__ import annotations

import pytest

from tools.docs.document_errors import PAGE, page


@pytest.mark.slow
def test_it_documents_every_refusal_as_the_code_has_it():
    assert PAGE.read_text() == page(), "run: python -m tools.docs.document_errors"


def test_it_finds_refusals_of_every_kind():
    text = page()
    for code in (
        "consent_missing",
        "image_too_large",
        "face_unclear",
        "not_a_human_face",
        "worker_lost",
        "unsupported_media",
    ):
        assert f"`{code}`" in text
