"""Segmented videos with a stranger's credentials, as streaming services keep them."""

from __future__ import annotations

import hashlib
import io
import struct

import av

from tests.provenance import clips
from tests.provenance.verify.credentials.forged_credentials import ACTIONS, Forger, Forgery, box, cbor

_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_LEFT_OUT = ("/ftyp", "/mfra", "/free", "/skip")


def _top_level(data: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and whole box."""
    found, at = [], 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        found.append((kind, data[at : at + size]))
        at += size
    return found


def _digest(data: bytes) -> bytes:
    """As the content binding of an MP4 hashes it: each box behind its offset, without those left out."""
    digest, at = hashlib.sha256(), 0
    for kind, whole in _top_level(data):
        if kind != b"uuid" and f"/{kind.decode(errors='replace')}" not in _LEFT_OUT:
            digest.update(struct.pack(">Q", at) + whole)
        at += len(whole)
    return digest.digest()


def _proof(location: int) -> bytes:
    """The box in a segment that says which one it is."""
    said = cbor({"uniqueId": 1, "localId": 1, "location": location})
    return box(b"uuid", _UUID + bytes(4) + b"merkle\0" + said)


def segmented(forger: Forger) -> tuple[bytes, list[bytes]]:
    """The beginning, with a manifest in it, and the segments."""
    target = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(target, "w", format="mp4", options=options) as out:
        stream = out.add_stream("libx264", rate=25, options={"g": "5", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for pixels in clips.moving_frames(20, size=64):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        out.mux(stream.encode(None))
    boxes = [one for one in _top_level(target.getvalue()) if one[0] in {b"ftyp", b"moov", b"moof", b"mdat"}]
    beginning = b"".join(whole for kind, whole in boxes[:2])
    styp = box(b"styp", b"msdh" + bytes(4) + b"msdhmsix")
    segments = [
        styp + _proof(number) + boxes[at][1] + boxes[at + 1][1]
        for number, at in enumerate(range(2, len(boxes), 2))
    ]
    exclusions = [{"xpath": "/uuid", "data": [{"offset": 8, "value": _UUID}]}]
    exclusions += [{"xpath": name} for name in _LEFT_OUT]
    merkle = {
        "uniqueId": 1,
        "localId": 1,
        "count": len(segments),
        "alg": "sha256",
        "initHash": _digest(beginning),
        "hashes": [_digest(segment) for segment in segments],
    }
    binding = {"exclusions": exclusions, "alg": "sha256", "merkle": [merkle], "name": "segments"}
    stated = {"c2pa.actions.v2": ACTIONS, "c2pa.hash.bmff.v3": binding}
    store = forger.store(Forgery(assertions=stated, data_hash=None))
    return beginning + box(b"uuid", _UUID + bytes(4) + b"manifest\0" + bytes(8) + store), segments
