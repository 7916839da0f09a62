"""A machine that denies a sandbox something: `python -m tests.provenance.sandbox.denying WHAT... -- CODE`.

Gives this process a filter that refuses what makes a sandbox, as a container's profile or an old kernel
would, and runs the code in it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys

from provenance.sandbox import syscall_filter as f

# On x86-64 and aarch64.
CALLS = {
    "landlock": ((444, 444), (445, 445), (446, 446)),
    "the last step of landlock": ((446, 446),),
    "limits": ((160, 164), (302, 261)),
    "namespaces": ((272, 97),),
}
PRCTL, SECCOMP = (157, 167), (317, 277)


def deny(what: list[str]) -> None:
    at = f._MACHINES.index(os.uname().machine)
    refused = [numbers[at] for name in what if name in CALLS for numbers in CALLS[name]]
    steps = [f._step(f._LOAD, f._NUMBER_AT), *(f._call(number, f._return(errno.EPERM)) for number in refused)]
    if "seccomp" in what:
        by_argument = (
            f._load(0) + f._step(f._IF_EQUAL, 22, otherwise=1) + f._return(errno.EINVAL) + f._return()
        )
        steps += [f._call(SECCOMP[at], f._return(errno.EPERM)), f._call(PRCTL[at], by_argument)]
    code = b"".join([*steps, f._return()])
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)
    assert libc.prctl(22, 2, ctypes.byref(f._Program(len(code) // 8, code)), 0, 0) == 0


if __name__ == "__main__":
    end = sys.argv.index("--")
    deny(sys.argv[1:end])
    exec(sys.argv[end + 1])  # noqa: S102 - the code of a test
