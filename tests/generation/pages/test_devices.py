"""Camera and microphone are open to the one page that uses each, and to no other."""

from __future__ import annotations

import pytest
from django.test import Client


def policies(browser: Client, address: str) -> tuple[str, str]:
    """The Permissions-Policy and the Content-Security-Policy of a page."""
    answer = browser.get(address)
    return answer.headers["Permissions-Policy"], answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/console/", "/console/jobs/new/", "/verify/", "/account/login/"])
def test_no_other_page_may_use_a_device(alice_browser: Client, address: str) -> None:
    permissions, content = policies(alice_browser, address)
    assert "camera=()" in permissions
    assert "microphone=()" in permissions
    assert "blob:" not in content or address == "/verify/"


def test_the_page_for_verification_may_show_the_file_that_was_sent_and_nothing_else(
    alice_browser: Client,
) -> None:
    _, content = policies(alice_browser, "/verify/")
    allowed = [part.split()[0] for part in content.split(";") if "blob:" in part]
    assert sorted(allowed) == ["img-src", "media-src"]


def test_the_page_for_portraits_may_use_the_camera_alone(alice_browser: Client) -> None:
    permissions, content = policies(alice_browser, "/console/portraits/new/")
    assert "camera=(self)" in permissions
    assert "microphone=()" in permissions
    assert "geolocation=()" in permissions
    assert "blob:" not in content


def test_the_page_for_recordings_may_use_the_microphone_and_play_what_it_recorded(
    alice_browser: Client,
) -> None:
    permissions, content = policies(alice_browser, "/console/driving-audio/new/")
    assert "camera=()" in permissions
    assert "microphone=(self)" in permissions
    assert "media-src 'self' blob:" in content
    assert "script-src 'self'" in content
    assert content.count("blob:") == 1
