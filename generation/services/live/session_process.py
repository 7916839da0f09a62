"""The process of one live session: `python -m generation.services.live.session_process SESSION_ID [PROFILE]`.

Sound and control messages come on standard input, the stream and notes go to standard output
(`generation.live.wire`); the live server is at the other end of both. With `--seal` nothing is streamed: what
a killed process has left is sealed.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, Final

import django

# Of a thread that holds the interpreter while another one waits for it. The usual 5 ms are as long as a frame
# takes, and a frame asks for the interpreter some dozens of times.
SWITCH_S: Final = 0.0005


def main(arguments: list[str]) -> int:
    """Stream a session and seal it, or only seal it."""
    # What libraries print must not get between the messages.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    django.setup()
    is_sealing_only = arguments[0] == "--seal"
    session_id, *profile = arguments[1:] if is_sealing_only else arguments
    animator = _load_animator(session_id)
    from generation.services.live.sealing import seal_session  # noqa: PLC0415
    from generation.services.live.streaming import SessionStreamer  # noqa: PLC0415

    if not is_sealing_only:
        SessionStreamer(session_id, animator, sys.stdin.buffer, out, *profile).run()
    with contextlib.suppress(OSError):  # the server is gone; what left is sealed all the same
        out.close()
    seal_session(session_id, animator)
    return 0


def one_thread_each() -> None:
    """Motion, drawing and encoding have a thread each; those that libraries would add wait by spinning."""
    import cv2  # noqa: PLC0415
    import torch  # noqa: PLC0415

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    sys.setswitchinterval(SWITCH_S)


def _load_animator(session_id: str) -> Any:
    from django.conf import settings  # noqa: PLC0415

    from generation.animation.composition import load_live_animator  # noqa: PLC0415
    from generation.models import LiveSession  # noqa: PLC0415
    from generation.services.live.refusals import LiveNotOffered  # noqa: PLC0415

    one_thread_each()
    renderer = LiveSession.objects.values_list("renderer", flat=True).get(pk=session_id)
    animator = load_live_animator(
        renderer=renderer,
        motion_source=settings.LIKENESS_MOTION_SOURCE,
        device=settings.LIKENESS_RENDER_DEVICE,
    )
    if animator is None:
        raise LiveNotOffered
    return animator


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
