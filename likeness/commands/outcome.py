"""How every command ends: exit codes, and refusals in words or as JSON."""

from __future__ import annotations

import json
import sys
from enum import IntEnum

from provenance.common.errors import CodedError


class ExitCode(IntEnum):
    """What a command's exit code says. 2 is also what the parser of arguments ends with."""

    HOLDS = 0
    CANNOT_CHECK = 2
    DOES_NOT_HOLD = 3


EXIT_CODES = """exit codes:
  0  what was checked holds: the video is unchanged, the log is sound
  2  it could not be checked: wrong arguments, unusable keys, no answer
  3  it was checked and does not hold: any other verdict, something is wrong with the log
"""


PARTNER_EXIT_CODES = """exit codes:
  0  it was done
  2  it could not be done: wrong arguments, a refusal, no answer
  3  the job ended without a released video, or the video is not as it was sealed
"""


def say(text: str) -> None:
    """Print what was found."""
    sys.stdout.write(f"{text}\n")


def refuse(refusal: CodedError, *, as_json: bool) -> ExitCode:
    """Say on stderr why nothing could be checked: code, sentence and hint, or problem details."""
    if as_json:
        text = json.dumps(refusal.to_problem())
    else:
        text = f"{refusal.code}: {refusal.message}\n{refusal.hint}"
    sys.stderr.write(f"{text}\n")
    return ExitCode.CANNOT_CHECK
