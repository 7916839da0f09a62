"""Credentials of others in every kind of file that we take: the right class of answer for each."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import av
import c2pa
import numpy as np
import pytest
from PIL import Image

from provenance.manifest import development_ca
from provenance.manifest.trust import TrustStore
from provenance.verify.collect import judge
from provenance.verify.mark_answer import KnownMarks
from provenance.verify.media_type import sniff
from provenance.verify.readers import Readers
from provenance.verify.verdict import Verdict, VerdictKind
from tests.provenance import clips

SIDE = 80  # decoded, but too small to search for a mark, which takes seconds where there is none
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
CREATED = {"action": "c2pa.created", "digitalSourceType": "http://c2pa.org/digitalsourcetype/empty"}


def picture(name: str) -> bytes:
    data = io.BytesIO()
    Image.fromarray(next(clips.moving_frames(1, size=SIDE))).save(data, name)
    return data.getvalue()


def sound(name: str, codec: str) -> bytes:
    data = io.BytesIO()
    with av.open(data, "w", format=name) as out:
        stream = out.add_stream(codec, rate=44_100, layout="mono")
        samples = (np.sin(np.arange(44_100) * 0.05) * 0.3).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
        frame.sample_rate = 44_100
        for part in av.AudioResampler(stream.format, stream.layout, stream.rate).resample(frame):
            part.pts = None
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return data.getvalue()


def video(name: str) -> bytes:
    data = io.BytesIO()
    with av.open(data, "w", format=name) as out:
        stream = out.add_stream("mpeg4" if name == "avi" else "libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = SIDE, SIDE, "yuv420p"
        for pixels in clips.moving_frames(5, size=SIDE):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        out.mux(stream.encode(None))
    return data.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "image/jpeg": lambda: picture("JPEG"),
    "image/png": lambda: picture("PNG"),
    "image/webp": lambda: picture("WEBP"),
    "image/gif": lambda: picture("GIF"),
    "image/tiff": lambda: picture("TIFF"),
    "image/svg+xml": lambda: SVG,
    "audio/wav": lambda: sound("wav", "pcm_s16le"),
    "audio/mp4": lambda: sound("ipod", "aac"),
    "audio/flac": lambda: sound("flac", "flac"),
    "video/mp4": lambda: video("mp4"),
    "video/quicktime": lambda: video("mov"),
    "video/avi": lambda: video("avi"),
}


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, str]:
    """Chain, key and root of somebody else."""
    authority = development_ca.create(tmp_path_factory.mktemp("others"))
    return (*authority.issue_leaf(), authority.root_pem)


@pytest.fixture(scope="module")
def readers():
    pool = Readers(1)
    yield pool
    pool.close()


def signed(data: bytes, media_type: str, signer: tuple[str, str, str]) -> bytes:
    chain, key, root = signer
    definition = {
        "claim_version": 2,
        "claim_generator_info": [{"name": "somebody", "version": "1"}],
        "assertions": [{"label": "c2pa.actions.v2", "created": True, "data": {"actions": [CREATED]}}],
    }
    context = c2pa.Context.from_dict(TrustStore(root).settings())
    by = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", chain.encode(), key.encode(), None))
    out = io.BytesIO()
    c2pa.Builder(json.dumps(definition), context=context).sign(by, media_type, io.BytesIO(data), out)
    return out.getvalue()


def changed(data: bytes, media_type: str) -> bytes:
    """Another content in a file that can still be read."""
    if media_type == "image/svg+xml":
        return data.replace(b'height="9"', b'height="8"')
    return clips.with_bit_flipped(data, len(data) - 40)


def judged(path: Path, readers: Readers, *, known: str = "") -> Verdict:
    ours = (Path(__file__).parents[2] / "vectors/trust-anchors.pem").read_text()
    trust = TrustStore(ours, other_anchors_pem=known)
    return judge(
        path,
        trust=trust,
        marks=KnownMarks(bytes(32), [(2026, "1".zfill(12), b"")]),
        find=lambda *_: None,
        read=readers.read,
    )


@pytest.mark.parametrize("media_type", FILES)
def test_each_kind_of_file_gets_the_right_class_of_answer(media_type, signer, readers, tmp_path) -> None:
    plain = FILES[media_type]()
    found = sniff(plain[:64])
    assert found is not None
    assert found.name == media_type
    data = signed(plain, media_type, signer)
    (tmp_path / "plain").write_bytes(plain)
    (tmp_path / "signed").write_bytes(data)
    (tmp_path / "changed").write_bytes(changed(data, media_type))
    assert judged(tmp_path / "plain", readers).kind is not VerdictKind.OTHER_CREDENTIALS
    answers = [
        judged(tmp_path / "signed", readers),
        judged(tmp_path / "signed", readers, known=signer[2]),
        judged(tmp_path / "changed", readers, known=signer[2]),
    ]
    assert [answer.kind for answer in answers] == [VerdictKind.OTHER_CREDENTIALS] * 3
    states = [answer.signals.manifest.state.value for answer in answers if answer.signals.manifest]
    assert states == ["valid_untrusted", "trusted_other", "invalid"]
