"""A visitor without a screen types in what an authenticator app would show."""

from __future__ import annotations

import base64

import pytest

from tools.visitor import one_time_code

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(at_s: int, code: str) -> None:
    """The last six digits of the table in RFC 6238, appendix B."""
    assert one_time_code(SECRET, at_s + 0.9) == code
