"""System check of the sandbox in which uploaded files are read.

provenance.W004  they keep the network
"""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Warning  # noqa: A004 - Django's name

from provenance.sandbox.isolation import IsolatedFailure, run_isolated
from provenance.sandbox.probe import Reach, network_namespace

MEMORY_BYTES = 512 * 1024**2


def check_readers_have_no_network(**kwargs: Any) -> list[CheckMessage]:
    """A sandboxed process is in an empty network namespace, or gets no socket."""
    try:
        found = run_isolated(
            "provenance.sandbox.probe", Reach, memory_bytes=MEMORY_BYTES, cpu_s=5, wall_s=30.0
        )
    except IsolatedFailure as failure:
        return [_warning(f"The sandbox in which uploaded files are read could not be tested: {failure}")]
    is_apart = found.network_namespace != network_namespace()
    if is_apart or not found.can_open_socket:
        return []
    return [
        _warning(
            "The sandbox in which uploaded files are read has network access: neither a network namespace "
            "nor a system-call filter is available."
        )
    ]


def _warning(message: str) -> CheckMessage:
    hint = "Run on Linux (x86-64 or aarch64) with seccomp in the kernel; docs/verify.md tells what is tried."
    return Warning(message, hint=hint, id="provenance.W004")
