"""A page of another origin asks what is public, in a real browser, and reads the answers."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from config.local_stack import LocalStack

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
VECTORS = Path(__file__).parents[1] / "vectors"
ASK = """async ([api, file]) => {
  const body = await (await fetch(file)).blob();
  const form = new FormData();
  form.append("file", body, "video.mp4");
  const headers = {"Content-Type": "video/mp4"};
  const verdict = await (await fetch(api + "/v1/verify", {method: "POST", body: form})).json();
  const found = await (await fetch(api + "/v1/matches/byContent", {method: "POST", headers, body})).json();
  const none = await fetch(api + "/v1/manifests/urn:c2pa:none");
  return [verdict.verdict, found.matches, none.status, (await none.json()).code];
}"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def elsewhere(browser: Browser) -> Iterator[Page]:
    """A page that another server gives, with the vectors beside it."""
    handler = functools.partial(_Quiet, directory=str(VECTORS))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_context().new_page()
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/expected.json")
        yield page
        page.context.close()
        server.shutdown()


def test_it_gets_a_verdict_a_resolution_and_a_refusal(stack: LocalStack, elsewhere: Page) -> None:
    answers = elsewhere.evaluate(ASK, [stack.base_url, "/unmarked_and_unsigned.mp4"])
    assert answers == ["no_provenance", [], 404, "not_found"]
