"""A setting with a value that nothing could work with stops the start, in a sentence that names it."""

from __future__ import annotations

import os
import re
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from generation.animation.animator import DEVICES

BASE = Path(__file__).resolve().parents[3] / "config/settings/base.py"
TOPICS = "config.settings.topics"


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch):
    """Read the settings as a process with these variables, and no other of ours, would."""

    def read(**variables: str) -> dict[str, Any]:
        for name in [name for name in os.environ if name.startswith("LIKENESS_")]:
            monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        for name in [name for name in sys.modules if name.startswith(f"{TOPICS}.")]:
            monkeypatch.delitem(sys.modules, name)
        return runpy.run_path(str(BASE))

    return read


REFUSED = {
    "LIKENESS_RENDER_DEVICE": ("gpu", "auto, cpu or cuda, not 'gpu'"),
    "LIKENESS_VIDEO_ENCODER": ("x265", "libx264 or h264_nvenc, not 'x265'"),
    "LIKENESS_RENDERERS": ("face_rig,nerf", "one or more of face_rig, liveportrait, not 'nerf'"),
    "LIKENESS_MOTION_SOURCE": ("mocap", "motion_flow, not 'mocap'"),
    "LIKENESS_LOG_FORMAT": ("xml", "json"),
    "LIKENESS_LOG_LEVEL": ("LOUD", "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
    "LIKENESS_TRACES_URL": ("collector:4318", "http"),
    "LIKENESS_INSTANCE": ("blue 1", "letters, digits"),
    "LIKENESS_DEBUG": ("perhaps", "true or false"),
    "LIKENESS_BEHIND_PROXY": ("", "true or false"),
    "LIKENESS_TAKEDOWN_HOURS": ("0", "at least 1"),
    "LIKENESS_LIVE_KEPT_MAX_S": ("5", "at least 10"),
    "LIKENESS_PARTNER_WEIGHTS": ("prt_a=11", "numbers from 1 to 10"),
    "LIKENESS_AIGC_PRODUCER": ("x" * 65, "at most 64 printable characters of ASCII"),
    "LIKENESS_LABEL_PRESET": ("mars", "eu"),
    "LIKENESS_LABEL_LANGUAGE": ("xx", "en"),
    "LIKENESS_VIDEO_FPS": ("23", "at least 24"),
    "LIKENESS_VIDEO_SIZE": ("513", "multiple of 2"),
    "LIKENESS_JOB_DEADLINE_S": ("1e3", "whole number"),
    "LIKENESS_JOB_MAX_WAIT_S": ("9", "at least 10"),
    "LIKENESS_JOB_LEASE_S": ("1201", "at most 1200"),
    "LIKENESS_JOB_MAX_ATTEMPTS": ("0", "at least 1"),
    "LIKENESS_LIVEPORTRAIT_DIGEST": ("12ab", "64 hexadecimal digits"),
    "LIKENESS_LIVEPORTRAIT_HALF": ("perhaps", "true or false"),
    "LIKENESS_LIVEPORTRAIT_COMPILE": ("perhaps", "true or false"),
    "LIKENESS_LIVEPORTRAIT_BATCH": ("0", "at least 1"),
    "LIKENESS_SPLIT_FROM_S": ("14", "at least 15"),
    "LIKENESS_SEGMENT_HELPERS": ("256", "at most 255"),
    "LIKENESS_SANDBOX": ("off", "whole or reduced"),
    "LIKENESS_STUDIO_PROCESSES": ("0", "at least 1"),
    "LIKENESS_VERIFY_READERS": ("65", "at most 64"),
    "LIKENESS_VERIFY_FILES_PER_MINUTE": ("0", "at least 1"),
    "LIKENESS_VERIFY_WAITING_FILES": ("101", "at most 100"),
    "LIKENESS_VERIFY_WAITING_MB": ("99", "at least 100"),
    "LIKENESS_PUBLIC_CALLS_PER_MINUTE": ("-1", "at least 1"),
    "LIKENESS_KEEP_SOURCES_DAYS": ("366", "at most 365"),
    "LIKENESS_KEEP_VIDEOS_DAYS": ("-1", "at least 0"),
    "LIKENESS_KEEP_LIVE_RECORDINGS_DAYS": ("91", "at most 90"),
    "LIKENESS_KEEP_VERDICTS_MINUTES": ("61", "at most 60"),
    "LIKENESS_LIVE_URL": ("https://a.example/live/", "ws:// or wss://"),
    "LIKENESS_WEBRTC_URL": ("https://a.example/", "ends with /live/webrtc"),
    "LIKENESS_LIVE_SESSIONS": ("65", "at most 64"),
    "LIKENESS_LIVE_MAX_S": ("5", "at least 10"),
    "LIKENESS_BASE_URL": ("https://a.example/likeness", "scheme and host alone"),
    "LIKENESS_ALLOWED_HOSTS": ("https://a.example", "host names"),
    "LIKENESS_PROVIDER_NAME": (" ", "a name"),
    "LIKENESS_LOG_ORIGIN": ("my log", "white space"),
    "LIKENESS_LOG_MARK_CALLBACK": ("sign", "dotted path"),
    "LIKENESS_SIGNING_CALLBACK": ("sign", "dotted path"),
    "LIKENESS_WATERMARK_KEY_CALLBACK": ("keys/year.py", "dotted path"),
    "LIKENESS_KMS_ENDPOINT_URL": ("kms.example", "http:// or https://"),
    "LIKENESS_KMS_REGION": ("eu-central-1", "without LIKENESS_KMS_KEY_ID"),
    "LIKENESS_OCSP_RESPONDER": ("ocsp.example", "http:// or https://"),
    "LIKENESS_TIMESTAMP_SERVERS": ("http://a.example/,b.example", "http:// or https://"),
    "LIKENESS_DATABASE_URL": ("mysql://a/b", "sqlite://, postgresql:// or postgres://"),
    "LIKENESS_REDIS_URL": ("http://a.example", "redis://, rediss:// or redis+socket://"),
    "LIKENESS_S3_BUCKET": ("s3://bucket", "bare name of a bucket"),
    "LIKENESS_S3_ENDPOINT_URL": ("https://s3.example", "without LIKENESS_S3_BUCKET"),
    "LIKENESS_S3_REGION": ("eu-central-1", "without LIKENESS_S3_BUCKET"),
    "LIKENESS_S3_ACCESS_KEY": ("a", "without LIKENESS_S3_BUCKET"),
    "LIKENESS_S3_SECRET_KEY": ("a", "without LIKENESS_S3_BUCKET"),
    "LIKENESS_SMTP_URL": ("smtps://mail.example", "smtp:// or smtp+tls://"),
    "LIKENESS_FROM_EMAIL": ("likeness", "mail address"),
    "LIKENESS_SMS_GATEWAY": ("sms", "dotted path"),
}
# Any text or path may stand there; what is in the files is checked by those who read them.
FREE = {
    "LIKENESS_DATA_DIR",
    "LIKENESS_KEYS_DIR",
    "LIKENESS_LOG_KEY_FILE",
    "LIKENESS_LOG_WITNESSES_FILE",
    "LIKENESS_SIGNING_CHAIN_FILE",
    "LIKENESS_SIGNING_KEY_FILE",
    "LIKENESS_ORGANISATION_CHAIN_FILE",
    "LIKENESS_ORGANISATION_KEY_FILE",
    "LIKENESS_KMS_KEY_ID",
    "LIKENESS_LIVEPORTRAIT_FOLDER",
    "LIKENESS_TRUST_ANCHORS_FILE",
    "LIKENESS_TIMESTAMP_ANCHORS_FILE",
    "LIKENESS_WATERMARK_KEY_FILE",
    "LIKENESS_COMMITMENT_KEY_FILE",
    "LIKENESS_SECRET_KEY",
    "LIKENESS_METRICS_TOKEN",
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses_what_could_not_work(start, name: str) -> None:
    value, says = REFUSED[name]
    with pytest.raises(ImproperlyConfigured, match=f"^{name} .*{re.escape(says)}"):
        start(**{name: value})


def test_every_variable_is_either_refused_here_or_free() -> None:
    topics = "".join(path.read_text() for path in (BASE.parent / "topics").glob("*.py"))
    read = set(re.findall(r'\benv_\w+\(\s*"(LIKENESS_\w+)"', topics))
    assert read - set(REFUSED) == FREE


def test_the_devices_are_those_that_the_animator_takes(start) -> None:
    for device in DEVICES:
        assert start(LIKENESS_RENDER_DEVICE=device)["LIKENESS_RENDER_DEVICE"] == device
    with pytest.raises(ImproperlyConfigured, match=f"{', '.join(DEVICES[:-1])} or {DEVICES[-1]}"):
        start(LIKENESS_RENDER_DEVICE="gpu")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIKENESS_BASE_URL", "ftp://a.example"),
        ("LIKENESS_BASE_URL", ""),
        ("LIKENESS_BASE_URL", "http://a.example:port"),
        ("LIKENESS_DATABASE_URL", "sqlite://"),
        ("LIKENESS_DATABASE_URL", "postgresql://host"),
        ("LIKENESS_REDIS_URL", "redis:///0"),
        ("LIKENESS_SMTP_URL", "smtp://"),
        ("LIKENESS_ALLOWED_HOSTS", "a.example:8000"),
        ("LIKENESS_PROVIDER_NAME", "Studio (write to studio@mail.example)"),
        ("LIKENESS_FROM_EMAIL", "a@b.example\nBcc: c@d.example"),
    ],
)
def test_it_refuses_addresses_that_lead_nowhere(start, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        start(**{name: value})


def test_it_does_not_repeat_a_password_in_a_refusal(start) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        start(LIKENESS_DATABASE_URL="mysql://likeness:swordfish@db.example/likeness")
    assert "swordfish" not in str(refused.value)


def test_it_refuses_half_of_a_pair_of_credentials(start) -> None:
    with pytest.raises(ImproperlyConfigured, match="without LIKENESS_S3_SECRET_KEY"):
        start(LIKENESS_S3_BUCKET="media", LIKENESS_S3_ACCESS_KEY="a")


def test_it_takes_what_works(start) -> None:
    found = start(
        LIKENESS_RENDER_DEVICE="CUDA",
        LIKENESS_LOG_LEVEL="debug",
        LIKENESS_BASE_URL="http://localhost:8080/",
        LIKENESS_ALLOWED_HOSTS="localhost, 127.0.0.1, [::1]",
        LIKENESS_PROVIDER_NAME="Studio (rig@0.1)",
        LIKENESS_SMTP_URL="smtp+tls://user:pass@mail.example:2525",
        LIKENESS_FROM_EMAIL="Likeness <likeness@mail.example>",
        LIKENESS_S3_BUCKET="media.likeness",
        LIKENESS_S3_ENDPOINT_URL="https://s3.example",
        LIKENESS_S3_ACCESS_KEY="a",
        LIKENESS_S3_SECRET_KEY="b",
        LIKENESS_REDIS_URL="rediss://:pass@redis.example:6380/0",
        LIKENESS_DATABASE_URL="postgresql:///likeness?host=/var/run/postgresql",
        LIKENESS_SIGNING_CALLBACK="provenance.services.aws_kms.sign",
    )
    assert found["LIKENESS_RENDER_DEVICE"] == "cuda"
    assert found["LOGGING"]["root"]["level"] == "DEBUG"
    assert found["LIKENESS_BASE_URL"] == "http://localhost:8080"
    assert found["EMAIL_USE_TLS"]
    assert found["DATABASES"]["default"]["HOST"] == "/var/run/postgresql"
