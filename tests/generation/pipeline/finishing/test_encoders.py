from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from generation.pipeline.encode import EncodingFailed, join_segments
from generation.pipeline.finishing import encoders
from generation.pipeline.finishing.encoders import NVENC, X264, opened, usable
from generation.pipeline.pictures import encode_pictures, marked_by

RATE = Fraction(25)


def test_the_encoder_of_a_card_is_used_where_it_encodes(monkeypatch):
    class Works:
        def encode(self, picture):
            return [] if picture is not None else ["a packet"]

    monkeypatch.setattr(encoders, "opened", lambda *_: Works())
    assert usable(NVENC, 256, 256, RATE) == NVENC


@pytest.mark.parametrize(
    "error", [ValueError("no such encoder"), av.FFmpegError(1, "no card"), OSError("full")]
)
def test_x264_encodes_where_it_cannot_be_opened(monkeypatch, caplog, error):
    def fails(*_):
        raise error

    monkeypatch.setattr(encoders, "opened", fails)
    assert usable(NVENC, 256, 256, RATE) == X264
    assert "libx264 encodes instead" in caplog.text


def test_x264_encodes_where_it_gives_nothing(monkeypatch, caplog):
    class Silent:
        def encode(self, picture):
            return []

    monkeypatch.setattr(encoders, "opened", lambda *_: Silent())
    assert usable(NVENC, 256, 256, RATE) == X264
    assert "no packet" in caplog.text


def test_nobody_is_asked_for_x264(monkeypatch):
    monkeypatch.setattr(encoders, "opened", None)
    assert usable(X264, 256, 256, RATE) == X264


def test_what_this_machine_says_of_nvenc_is_true():
    found = usable(NVENC, 256, 256, RATE)
    context = opened(found, 256, 256, RATE)
    assert (context.name, context.gop_size) == (found, 125)


def test_a_file_is_not_joined_of_two_encoders(tmp_path):
    frames = np.full((3, 64, 64, 3), 90, np.uint8)
    one, other = (
        encode_pictures(
            frames, fps=25, first=first, finish=marked_by(lambda luma: luma), on_frame=lambda _: None
        )
        for first in (0, 3)
    )
    object.__setattr__(other, "header", b"of another encoder")
    with pytest.raises(EncodingFailed, match="another encoder"):
        join_segments(
            [one, other], fps=25, audio=np.zeros(4800, np.float32), sample_rate=48_000,
            destination=tmp_path / "video.mp4",
        )  # fmt: skip
