"""A live session's process whose portrait only sways: it starts without torch, to be killed by `kills`."""

from __future__ import annotations

import sys

from generation.services.live import session_process
from tests.generation.live.live_face import SwayingLiveAnimator

if __name__ == "__main__":
    session_process._load_animator = lambda session_id: SwayingLiveAnimator()
    sys.exit(session_process.main(sys.argv[1:]))
