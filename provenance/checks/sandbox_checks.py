"""System check of the processes that read strangers' files.

provenance.W004  they keep the network
"""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Warning  # noqa: A004 - Django's name

from provenance.sandbox.isolation import IsolatedFailure, run_isolated
from provenance.sandbox.probe import Reach, network_namespace

MEMORY_BYTES = 512 * 1024**2


def check_readers_have_no_network(**kwargs: Any) -> list[CheckMessage]:
    """A confined process has a network of its own, which is none, or gets no socket."""
    try:
        found = run_isolated(
            "provenance.sandbox.probe", Reach, memory_bytes=MEMORY_BYTES, cpu_s=5, wall_s=30.0
        )
    except IsolatedFailure as failure:
        return [_warning(f"What the readers of strangers' files can do could not be tried: {failure}")]
    is_apart = found.network_namespace != network_namespace()
    if is_apart or not found.can_open_socket:
        return []
    return [
        _warning(
            "The readers of strangers' files keep the network: they may have neither a namespace of "
            "their own nor a filter of system calls."
        )
    ]


def _warning(message: str) -> CheckMessage:
    hint = "Run on Linux (x86-64 or aarch64) with seccomp in the kernel; docs/verify.md tells what is tried."
    return Warning(message, hint=hint, id="provenance.W004")
