"""System checks of the sandbox in which uploaded files are read.

provenance.W004  something in it reaches the network, a file or a folder that it should not
provenance.E008  this machine lacks what a sandbox must have, and no file is read
provenance.W009  files are read in less than a whole sandbox, as an operator asked
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's names

from provenance.common.strict_json import to_plain
from provenance.sandbox.isolation import IsolatedFailure, run_isolated
from provenance.sandbox.probe import Reach, Targets, network_namespace
from provenance.sandbox.requirement import ReaderUnavailable, SandboxIncomplete, sandbox_state

MEMORY_BYTES = 512 * 1024**2


def check_readers_reach_nothing(**kwargs: Any) -> list[CheckMessage]:
    """A sandboxed process reads and writes no file that it was not given, and has no network."""
    state = sandbox_state()
    if state.is_reduced:
        named = ", ".join(state.missing)
        message = f"Strangers' files are read without {named}, as LIKENESS_SANDBOX=reduced allows."
        return [Warning(message, hint=_HINT, id="provenance.W009")]
    with tempfile.TemporaryDirectory(prefix="likeness-probe-") as name:
        folder = Path(name)
        secret = folder / "secret"
        secret.write_text("not for readers")
        try:
            found = run_isolated(
                "provenance.sandbox.probe",
                Reach,
                stdin=json.dumps(to_plain(Targets((secret,), (secret,), (folder,)))).encode(),
                memory_bytes=MEMORY_BYTES,
                cpu_s=5,
                wall_s=30.0,
            )
        except SandboxIncomplete as refusal:
            missing = ", ".join(refusal.missing) or "it cannot be told what"
            return [Error(f"{refusal.message} Missing: {missing}.", hint=refusal.hint, id="provenance.E008")]
        except (IsolatedFailure, ReaderUnavailable) as failure:
            return [_warning(f"The sandbox in which files are read could not be tested: {failure}")]
    reached = [*found.read, *found.written, *found.listed]
    is_apart = found.network_namespace != network_namespace()
    if not is_apart and found.can_open_socket:
        reached.append("the network")
    return [_warning(f"The sandbox in which files are read reaches {', '.join(reached)}.")] if reached else []


_HINT = "docs/verify.md tells what the sandbox needs and how to see what is missing."


def _warning(message: str) -> CheckMessage:
    return Warning(message, hint=_HINT, id="provenance.W004")
