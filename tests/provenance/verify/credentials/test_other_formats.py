"""Credentials of others in every kind of file that we take: the right class of answer for each."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import av
import c2pa
import numpy as np
import pytest
from PIL import Image

from provenance.manifest import development_ca
from provenance.manifest.trust import TrustStore
from provenance.verify.evidence.media_type import HEAD_BYTES, sniff
from provenance.verify.reader.reader_pool import Readers
from provenance.verify.verdict.verdict import Verdict, VerdictKind
from provenance.verify.verify_file import verify_file
from provenance.verify.watermark_answer import BundledWatermarks, IssuedWatermark
from tests.provenance import clips

OURS = (Path(__file__).parents[3] / "vectors/trust-anchors.pem").read_text()
SIDE = 80  # decoded, but too small to search for a mark, which takes seconds where there is none
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
OFFICE = "application/vnd.openxmlformats-officedocument"
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


def pdf() -> bytes:
    """One empty page."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>",
    )
    data, places = b"%PDF-1.7\n", b"0000000000 65535 f \n"
    for number, text in enumerate(objects, 1):
        places += b"%010d 00000 n \n" % len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    table = b"xref\n0 4\n" + places + b"trailer\n<< /Size 4 /Root 1 0 R >>\n"
    return data + table + b"startxref\n%d\n%%%%EOF\n" % len(data)


def zipped(**entries: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return data.getvalue()


def office(folder: str) -> bytes:
    return zipped(**{"[Content_Types].xml": "<Types/>", f"{folder}/document.xml": "<content/>"})


def jxl() -> bytes:
    """A container around a codestream that nobody can decode."""
    head = b"\0\0\0\x0cJXL \r\n\x87\n" + b"\0\0\0\x14ftypjxl \0\0\0\0jxl "
    return head + b"\0\0\0\x6ajxlc\xff\x0a" + bytes(96)


def heif(brand: bytes) -> bytes:
    """A picture that says to be of another kind of HEIF than it is."""
    data = picture("AVIF").replace(b"avif", brand, 1)
    return data.replace(b"avif", b"miaf", 1)


FILES: dict[str, Callable[[], bytes]] = {
    "image/jpeg": lambda: picture("JPEG"),
    "image/png": lambda: picture("PNG"),
    "image/webp": lambda: picture("WEBP"),
    "image/gif": lambda: picture("GIF"),
    "image/tiff": lambda: picture("TIFF"),
    "image/avif": lambda: picture("AVIF"),
    "image/heic": lambda: heif(b"heix"),
    "image/heif": lambda: heif(b"mif1"),
    "image/jxl": jxl,
    "image/svg+xml": lambda: SVG,
    "audio/wav": lambda: sound("wav", "pcm_s16le"),
    "audio/mp4": lambda: sound("ipod", "aac"),
    "audio/mpeg": lambda: sound("mp3", "mp3"),
    "audio/flac": lambda: sound("flac", "flac"),
    "video/mp4": lambda: video("mp4"),
    "video/quicktime": lambda: video("mov"),
    "video/avi": lambda: video("avi"),
    "application/pdf": pdf,
    f"{OFFICE}.wordprocessingml.document": lambda: office("word"),
    f"{OFFICE}.spreadsheetml.sheet": lambda: office("xl"),
    f"{OFFICE}.presentationml.presentation": lambda: office("ppt"),
    "application/vnd.oasis.opendocument.text": lambda: zipped(
        mimetype="application/vnd.oasis.opendocument.text", content="<content/>"
    ),
    "application/epub+zip": lambda: zipped(mimetype="application/epub+zip", content="<content/>"),
    "application/x-zip": lambda: zipped(anything="<content/>"),
}
DOCUMENTS = [name for name in FILES if name.startswith("application/") or name == "image/svg+xml"]

# The ways in which a drawing may begin.
COMMENT = b"<!-- " + b"by the licence of somebody, " * 30 + b"-->"
DOCTYPE = (
    b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
)
ENTITIES = b'<!DOCTYPE svg [ <!ENTITY ns "http://www.w3.org/2000/svg"> ]>'
PROLOG = b'<?xml version="1.0" encoding="UTF-8"?>\n'
DRAWINGS = {
    "byte order mark": b"\xef\xbb\xbf" + SVG,
    "prolog": PROLOG + SVG,
    "mark, prolog and doctype": b"\xef\xbb\xbf" + PROLOG + DOCTYPE + b"\n" + SVG,
    "entities": PROLOG + ENTITIES + SVG,
    "comments": COMMENT + b"\n" + PROLOG[38:] + COMMENT + SVG,
    "all of them": PROLOG + COMMENT + DOCTYPE + COMMENT + b"\r\n\t" + SVG,
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
    return signed_with_store(data, media_type, signer)[0]


def signed_with_store(data: bytes, media_type: str, signer: tuple[str, str, str]) -> tuple[bytes, bytes]:
    """The signed file, and its manifests by themselves."""
    chain, key, root = signer
    definition = {
        "claim_version": 2,
        "claim_generator_info": [{"name": "somebody", "version": "1"}],
        "assertions": [{"label": "c2pa.actions.v2", "created": True, "data": {"actions": [CREATED]}}],
    }
    context = c2pa.Context.from_dict(TrustStore(root).settings())
    by = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", chain.encode(), key.encode(), None))
    out = io.BytesIO()
    store = c2pa.Builder(json.dumps(definition), context=context).sign(by, media_type, io.BytesIO(data), out)
    return out.getvalue(), bytes(store)


def changed(data: bytes, media_type: str) -> bytes:
    """Another content in a file that can still be read."""
    if media_type == "image/svg+xml":
        return data.replace(b'height="9"', b'height="8"')
    if media_type == "application/pdf":
        return data.replace(b"99", b"98")
    if media_type in DOCUMENTS:
        return data.replace(b"<content/>", b"<fontent/>")
    return clips.with_bit_flipped(data, len(data) - 40)


def state_of(verdict: Verdict) -> str:
    """What the verdict says of the file's credentials."""
    credentials = verdict.to_json()["credentials"]
    assert credentials is not None
    return credentials["state"]


def judged(path: Path, readers: Readers, *, known: str = "", ours: str = OURS) -> Verdict:
    trust = TrustStore(ours, other_anchors_pem=known)
    return verify_file(
        path,
        trust=trust,
        watermarks=BundledWatermarks(bytes(32), [IssuedWatermark("1".zfill(12), 2026, 2, b"")]),
        find=lambda *_: None,
        read=readers.read,
    )


@pytest.mark.parametrize("media_type", FILES)
def test_each_kind_of_file_gets_the_right_class_of_answer(media_type, signer, readers, tmp_path) -> None:
    plain = FILES[media_type]()
    found = sniff(plain[:HEAD_BYTES])
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


@pytest.mark.parametrize("beginning", DRAWINGS)
def test_a_drawing_is_known_however_it_begins(beginning, signer, readers, tmp_path) -> None:
    data = signed(DRAWINGS[beginning], "image/svg+xml", signer)
    (tmp_path / "drawing").write_bytes(data)
    (tmp_path / "changed").write_bytes(changed(data, "image/svg+xml"))
    answers = [judged(tmp_path / name, readers, known=signer[2]) for name in ("drawing", "changed")]
    assert [answer.signals.media_type.name for answer in answers] == ["image/svg+xml"] * 2
    states = [answer.signals.manifest.state.value for answer in answers if answer.signals.manifest]
    assert states == ["trusted_other", "invalid"]


@pytest.mark.parametrize("media_type", DOCUMENTS)
def test_a_document_without_credentials_has_no_provenance(media_type, readers, tmp_path) -> None:
    (tmp_path / "document").write_bytes(FILES[media_type]())
    found = judged(tmp_path / "document", readers)
    assert found.kind is VerdictKind.NO_PROVENANCE
    assert found.to_json()["watermark"]["state"] == "not_looked_for"
    assert "inside" in [gap.what for gap in found.unchecked]


def test_manifests_without_their_file_are_never_intact(signer, readers, tmp_path) -> None:
    _, store = signed_with_store(picture("JPEG"), "image/jpeg", signer)
    (tmp_path / "alone.c2pa").write_bytes(store)
    (tmp_path / "changed.c2pa").write_bytes(store.replace(b"somebody", b"somebodx"))
    alone = [judged(tmp_path / "alone.c2pa", readers, known=known) for known in ("", signer[2])]
    assert [answer.kind for answer in alone] == [VerdictKind.OTHER_CREDENTIALS] * 2
    assert [state_of(answer) for answer in alone] == ["detached"] * 2
    assert "a file that is not here" in str(alone[0].sentence)
    broken = judged(tmp_path / "changed.c2pa", readers, known=signer[2])
    assert state_of(broken) == "invalid"
    ours = judged(tmp_path / "alone.c2pa", readers, ours=signer[2])
    assert ours.kind is VerdictKind.CANNOT_TELL
    assert "without the video" in str(ours.sentence)


def test_manifests_of_a_zip_without_it_cannot_be_read(signer, readers, tmp_path) -> None:
    _, store = signed_with_store(zipped(anything="<content/>"), "application/x-zip", signer)
    (tmp_path / "alone.c2pa").write_bytes(store)
    assert judged(tmp_path / "alone.c2pa", readers).kind is VerdictKind.CANNOT_TELL


def test_a_bare_codestream_has_no_place_for_credentials(readers, tmp_path) -> None:
    (tmp_path / "bare.jxl").write_bytes(b"\xff\x0a" + bytes(60))
    found = judged(tmp_path / "bare.jxl", readers)
    assert found.kind is VerdictKind.CANNOT_TELL
    assert state_of(found) == "none"
    assert "cause" not in {reason.signal for reason in found.reasons}  # of credentials that are not there


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif" + bytes(9), "image/avif"),
        (b"\0\0\0\x18ftypmsf1\0\0\0\0msf1hevc" + bytes(9), "image/heic"),
        (b"\0\0\0\x14ftypmsf1\0\0\0\0msf1" + b"hevc", "image/heif"),
        (b"\0\0\0\x18ftypavis\0\0\0\0avismsf1", "image/avif"),
        *((b"\0\0\0\x18ftyp" + brand + bytes(12), "image/heic") for brand in (b"hevc", b"heim", b"hevx")),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomM4A ", "video/mp4"),
        (b"\0\0\0\x18styp" + bytes(16), "video/mp4"),
        (b"MM\0+" + bytes(60), "image/tiff"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(60), "image/jp2"),
        (b"\xff\x4f\xff\x51" + bytes(60), "image/jp2"),
        (b"something before it\n%PDF-1.4", "application/pdf"),
        (b"PK\x05\x06" + bytes(18), "application/x-zip"),
        (PROLOG.decode().encode("utf-16") + SVG.decode().encode("utf-16-le"), "image/svg+xml"),
        (b'<s:svg xmlns:s="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
    ],
)
def test_a_file_is_known_by_its_head(head: bytes, name: str) -> None:
    found = sniff(head)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"only text",
        b"<html><svg></svg></html>",
        b"<!DOCTYPE html><svg/>",
        b"<svgother/>",
        b"<!-- <svg> -->",
        "only text".encode("utf-16"),
        b"\0\0\0\x20jumb\0\0\0\x18jumdjson" + bytes(20),
        b"8BPS\0\1" + bytes(60),
    ],
)
def test_what_is_no_such_file_is_not_taken_for_one(head: bytes) -> None:
    assert sniff(head) is None


@pytest.mark.slow
def test_a_video_that_calls_itself_a_sound_is_still_looked_at(readers, tmp_path) -> None:
    data = video("mp4")
    (tmp_path / "sound").write_bytes(data[:8] + b"M4A " + data[12:])
    found = judged(tmp_path / "sound", readers)
    assert found.signals.media_type.name == "audio/mp4"
    assert found.to_json()["watermark"]["state"] != "not_looked_for"
