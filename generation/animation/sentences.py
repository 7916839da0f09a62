"""Marks sentences that whoever uses the library may show in other languages."""

from __future__ import annotations


def gettext_noop(sentence: str) -> str:
    """The sentence as it is. Catalogues of translations collect what is marked so, as GNU gettext has it.

    `{names}` in it stand for values, which `str.format` puts in.
    """
    return sentence
