"""Live sessions: where they are reached, how many there may be, and how long."""

from __future__ import annotations

from config.env import env_int, env_text

# Where browsers and programs reach the live server; of the local stack it is set to the port that was free.
LIKENESS_LIVE_URL = env_text(
    "LIKENESS_LIVE_URL",
    "ws://localhost:8001/live/",
    pattern=r"wss?://[A-Za-z0-9.:\[\]-]+/[A-Za-z0-9/_-]*",
    rule="an address that begins with ws:// or wss://",
)
# Where browsers reach the gateway of WebRTC, the second way into sessions; set, the page offers it.
LIKENESS_WEBRTC_URL = env_text(
    "LIKENESS_WEBRTC_URL",
    "",
    pattern=r"|https?://[A-Za-z0-9.:\[\]-]+/live/webrtc",
    rule="an address that begins with http:// or https:// and ends with /live/webrtc",
)
# How many sessions one live server takes at a time; 0 offers none.
LIKENESS_LIVE_SESSIONS = env_int("LIKENESS_LIVE_SESSIONS", 1, minimum=0, maximum=64)
LIKENESS_LIVE_MAX_S = env_int("LIKENESS_LIVE_MAX_S", 3600, minimum=10, maximum=86_400)
# Of sessions whose file is kept; its sealing reads it whole.
LIKENESS_LIVE_KEPT_MAX_S = env_int("LIKENESS_LIVE_KEPT_MAX_S", 900, minimum=10, maximum=7200)
