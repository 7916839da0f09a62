"""The second way into live sessions: WebRTC, by a gateway that holds no key and opens no database.

It is a server of its own, `uvicorn generation.live.webrtc.gateway:application`. What it sends is what the
live server gave it: frames that were marked and encoded in the session's process, in RTP as they are.
"""
