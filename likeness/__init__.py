"""Likeness for everybody outside of the service: check a video, check the log, call the service as a partner.

    from likeness import Client, check_log, verify_file

    verify_file("video.mp4", keys="keys.json", bundles=["video.bundle.json"]).verdict   # 'ours_intact'
    check_log("https://your.host/v1/log", keys="keys.json").is_sound                     # True

Stands on the pure packages of `provenance` alone: no Django, no torch, no settings. What is named here is the
public surface; names that are only found further inside may change.
"""

from __future__ import annotations

from likeness.client.async_client import AsyncClient
from likeness.client.client import Client
from likeness.client.errors import JobNotReleased, WaitTimedOut
from likeness.client.live_speech import live_speech, read_live_speech
from likeness.client.live_stream import LiveStream
from likeness.errors import ServiceRefusal, ServiceUnreachable
from likeness.log.checking import LogReport, check_log
from likeness.log.monitoring import MonitorReport, monitor_log
from likeness.log.reading import read_log
from likeness.verification import VerificationResult, verify_file
from likeness.webhooks import verify_webhook
from provenance import version
from provenance.common.errors import CodedError

__version__ = version.VERSION

__all__ = [
    "AsyncClient",
    "Client",
    "CodedError",
    "JobNotReleased",
    "LiveStream",
    "LogReport",
    "MonitorReport",
    "ServiceRefusal",
    "ServiceUnreachable",
    "VerificationResult",
    "WaitTimedOut",
    "__version__",
    "check_log",
    "live_speech",
    "monitor_log",
    "read_live_speech",
    "read_log",
    "verify_file",
    "verify_webhook",
]
