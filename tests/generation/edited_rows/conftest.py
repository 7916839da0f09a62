"""Live sessions, speakers and registered faces, as the tests of each of them have them."""

from __future__ import annotations

from tests.generation.face_register.conftest import register, vera_contact
from tests.generation.live.conftest import live_grant, open_live
from tests.generation.voice_consent.test_ask_a_speaker import ask, speaker, spoken

__all__ = ["ask", "live_grant", "open_live", "register", "speaker", "spoken", "vera_contact"]
