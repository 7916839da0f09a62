"""What Chromium shows and plays of a media file by default, as frames and samples."""

from __future__ import annotations

import base64
import functools
import http.server
import shutil
import threading
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import sync_playwright

SECONDS = 3.0  # that are played; the clips of the benchmark have five
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
# Plays for some seconds: a grey picture about every fifth of a second, and all samples. No sound of a file
# without any; nothing of one that the browser does not play.
_PLAY = """
async ({address, side, rate, seconds}) => {
  const video = document.createElement("video");
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const draw = canvas.getContext("2d", {willReadFrequently: true});
  const pictures = [], samples = [];
  video.src = address;
  document.body.replaceChildren(video);
  const is_loaded = await new Promise((done) => {
    video.onloadeddata = () => done(true);
    video.onerror = () => done(false);
    setTimeout(() => done(video.readyState > 0), 5000);
  });
  if (!is_loaded) return {pictures, samples: ""};
  const context = new AudioContext({sampleRate: rate});
  const tap = context.createScriptProcessor(1024, 1, 1);
  tap.onaudioprocess = (event) => samples.push(new Float32Array(event.inputBuffer.getChannelData(0)));
  context.createMediaElementSource(video).connect(tap);
  tap.connect(context.destination);
  video.play().catch(() => null);
  const until = performance.now() + 1000 * seconds;
  while (performance.now() < until && !video.ended) {
    await new Promise((done) => setTimeout(done, 200));
    if (!video.videoWidth || !video.currentTime) continue;
    draw.drawImage(video, 0, 0, side, side);
    const pixels = draw.getImageData(0, 0, side, side).data;
    const grey = [];
    for (let at = 0; at < pixels.length; at += 4)
      grey.push(Math.round(.299 * pixels[at] + .587 * pixels[at + 1] + .114 * pixels[at + 2]));
    pictures.push(grey);
  }
  video.pause();
  await context.close();
  const all = new Uint8Array(samples.length * 4096);
  samples.forEach((part, number) => all.set(new Uint8Array(part.buffer), number * 4096));
  let text = "";
  for (const byte of all) text += String.fromCharCode(byte);
  return {pictures, samples: btoa(text)};
}
"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: the table is printed to the same place."""


class BrowserPlayback:
    """Chromium, and a server on localhost for the files of one folder. A context manager."""

    def __init__(self, folder: Path) -> None:
        handler = functools.partial(_Quiet, directory=str(folder))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=_ARGUMENTS
        )
        self._page = self._browser.new_page()
        (folder / "page.html").write_text("<!doctype html><title>player</title><body>")
        self._page.goto(f"{self._address}/page.html")

    @property
    def _address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> BrowserPlayback:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._browser.close()
        self._playwright.stop()
        self._server.shutdown()

    def play(self, name: str, *, side: int, rate: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(n, side, side) grey frames and (m,) samples of the file of that name; both empty if not played."""
        found = self._page.evaluate(
            _PLAY, {"address": f"/{name}", "side": side, "rate": rate, "seconds": SECONDS}
        )
        frames = np.array(found["pictures"], np.float32).reshape(-1, side, side)
        return frames, np.frombuffer(base64.b64decode(found["samples"]), np.float32)
