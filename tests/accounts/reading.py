"""Reading what a page or a letter says."""

from __future__ import annotations

import re
from typing import AnyStr


def found(pattern: AnyStr, text: AnyStr) -> AnyStr:
    """The first match of a pattern, its group if it has one; fails when there is none."""
    match = re.search(pattern, text, re.M)
    assert match is not None, f"{pattern!r} is not in {text!r}"
    return match.group(match.lastindex or 0)
