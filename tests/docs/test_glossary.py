"""docs/glossary.md explains forty terms, each once and in few words."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/glossary.md"


def entries() -> dict[str, str]:
    """Term -> its explanation in one line."""
    parts = re.split(r"^### (.*)$", PAGE.read_text(), flags=re.MULTILINE)[1:]
    texts = (re.split(r"^## ", text, flags=re.MULTILINE)[0] for text in parts[1::2])
    return dict(zip(parts[::2], (" ".join(text.split()) for text in texts), strict=True))


def test_it_explains_forty_terms():
    assert len(entries()) == 40


def test_each_is_explained_in_one_or_two_sentences_and_a_source():
    for term, text in entries().items():
        explained = text.split("Source:")[0].strip()
        assert 1 <= len(re.findall(r"[.?](?= |$)", explained)) <= 2, term
