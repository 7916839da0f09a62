"""The attempts of the tamper drill. Each really does it, to a copy or to the drill's own database."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from django.conf import settings
from django.db import IntegrityError, transaction
from numpy.typing import NDArray

from provenance.common.errors import CodedError
from provenance.keys.service_keys import log_signing_key, trust_store, watermark_key
from provenance.keys.signing_identity import signing_identity, timestamp_servers
from provenance.log.keys import create_log_key
from provenance.manifest import development_ca
from provenance.manifest.signing import SigningIdentity, sign_file
from provenance.manifest.trust import TrustStore
from provenance.models import LogEntry, Record
from provenance.selectors.evidence import evidence_bundle, pinned_keys
from provenance.selectors.log_rows import check_stored_log
from provenance.services.records import release_record, withdraw_record
from provenance.services.verify import verify_file
from provenance.verify.evidence.bundle import open_bundle
from provenance.verify.verdict.verdict import VerdictKind
from provenance.watermark import Embedder, WatermarkPayload
from tests.append_only import drop_triggers
from tests.generation.pipeline.moving_portrait import moving_portrait
from tests.provenance import clips
from tests.provenance.claims import rendition_claim
from tests.provenance.sealing import YEAR, SealedClip, make_sealed_clip, seal

FRAMES, SIZE = 50, 384
INTACT = VerdictKind.OURS_INTACT


@dataclass(frozen=True)
class Caught:
    """What was done, what caught it, and what is said about it."""

    attempt: str
    check: str
    said: str
    is_caught: bool = True


class TamperDrill:
    """Two sealed and released videos of ours, one video of a stranger, and what can be done to them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clip = self._sealed("maya", "rnd_" + "M" * 22, 0x1122_3344_5566)
        self.other = self._sealed("kenji", "rnd_" + "K" * 22, 0x8877_6655_4433)
        self.foreign = clips.write_clip(folder / "foreign.mp4", self._frames("tomas"))

    def _frames(self, name: str) -> list[NDArray[np.uint8]]:
        return moving_portrait(name, FRAMES, size=SIZE)

    def _sealed(self, name: str, rendition_id: str, watermark_id: int) -> SealedClip:
        place = self.folder / name
        place.mkdir()
        clip = make_sealed_clip(
            place, self._frames(name), rendition_id=rendition_id, watermark_id=watermark_id
        )
        release_record(seal(clip).rendition_id, actor="system")
        return clip

    def attempts(self) -> Iterator[Callable[[], Caught]]:
        """In an order in which each still finds what it needs; the last ones damage the log for good."""
        data, other = self.clip.data, self.other.data
        yield self.untouched
        yield lambda: self.file("a bit of the picture", clips.with_picture_data_changed(data))
        yield self.pixel
        yield lambda: self.file("a box put behind the end", clips.with_foreign_box(data))
        yield lambda: self.file("data hidden in a free box", clips.with_free_box(data))
        yield lambda: self.file("the end cut off", clips.truncated(data))
        reworded = clips.with_assertion_changed(data, b"Likeness (tests)")
        yield lambda: self.file("a word of the manifest", reworded)
        yield lambda: self.file("the signature", clips.with_signature_changed(data))
        yield lambda: self.file("metadata stripped", clips.remuxed(data))
        yield lambda: self.file("encoded again", clips.reencoded(data))
        yield lambda: self.file("the manifest of another of our videos", clips.with_manifest_of(data, other))
        foreign = self.foreign.read_bytes()
        yield lambda: self.file("our manifest on a stranger's video", clips.with_manifest_from(foreign, data))
        yield self.mark_transplanted
        yield self.certificate
        yield self.signing_key
        yield self.clock
        yield self.bundle
        yield self.row
        yield self.log_key
        yield self.log_row_refused
        yield self.log_row_forced

    def untouched(self) -> Caught:
        """The baseline: nothing was done, and nothing is claimed to have been."""
        found = verify_file(self.clip.path)
        return Caught("nothing at all", "nobody: it is intact", str(found.sentence), found.kind is INTACT)

    def file(self, attempt: str, data: bytes) -> Caught:
        """What verification says about changed bytes. Caught: it does not call them intact."""
        path = self.folder / "changed.mp4"
        path.write_bytes(data)
        found = verify_file(path)
        telling = [
            f"{reason.signal}: {reason.finding}"
            for reason in found.reasons
            if (reason.signal, reason.finding) in _TELLING
        ]
        codes = ", ".join(found.signals.manifest.codes) if found.signals.manifest else ""
        check = "; ".join(telling) + (f" ({codes})" if codes else "")
        return Caught(attempt, check, f"{found.headline}. {found.sentence}", found.kind is not INTACT)

    def pixel(self) -> Caught:
        """One pixel painted over in every frame, and encoded again."""
        frames = [frame.copy() for frame in self._decoded()]
        for frame in frames:
            frame[SIZE // 2, SIZE // 2] = (255, 0, 0)
        painted = clips.write_clip(self.folder / "painted.mp4", frames, has_audio=False)
        return self.file("one pixel painted over", painted.read_bytes())

    def _decoded(self) -> list[NDArray[np.uint8]]:
        with av.open(str(self.clip.path)) as source:
            return [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]

    def mark_transplanted(self) -> Caught:
        """The worst case: somebody can write our mark, with our key, into other pictures."""
        embedder = Embedder(WatermarkPayload(self.clip.watermark_id), watermark_key(YEAR))
        forged = clips.write_clip(self.folder / "forged.mp4", self._frames("tomas"), mark=embedder.mark)
        return self.file("our mark on a stranger's video", forged.read_bytes())

    def certificate(self) -> Caught:
        """Signed in our name with a certificate of somebody else's authority."""
        authority = development_ca.create(self.folder / "strangers")
        chain, key = authority.issue_leaf()
        chain_file, key_file = self.folder / "chain.pem", self.folder / "key.pem"
        chain_file.write_text(chain)
        key_file.write_text(key)
        theirs = SigningIdentity.from_files(chain_file, key_file)
        claim = rendition_claim("rnd_" + "S" * 22, 1, duration_s=FRAMES / clips.FPS)
        target = self.folder / "theirs.mp4"
        sign_file(self.foreign, target, claim, theirs, TrustStore(authority.root_pem))
        return self.file("a certificate of another authority", target.read_bytes())

    def signing_key(self) -> Caught:
        """The service is given a key that is not its certificate's."""
        _, key = development_ca.create(self.folder / "strangers").issue_leaf()
        wrong = self.folder / "wrong-key.pem"
        wrong.write_text(key)
        with _set(LIKENESS_SIGNING_KEY_FILE=wrong):
            return refused("the signing key exchanged", "the key's check before signing", signing_identity)

    def clock(self) -> Caught:
        """The service's own anchors do not include the clock that stamped: its own check throws it away."""
        other_clock = self.folder / "other-clock.pem"
        other_clock.write_text(development_ca.create_timestamp_authority().root_pem)
        with _set(LIKENESS_TIMESTAMP_ANCHORS_FILE=other_clock):
            return refused(
                "a time-stamp of an unknown clock",
                "reading back before delivery",
                lambda: sign_file(
                    self.foreign,
                    self.folder / "stamped.mp4",
                    rendition_claim("rnd_" + "T" * 22, 2, duration_s=FRAMES / clips.FPS),
                    signing_identity(),
                    trust_store(),
                    timestamps=timestamp_servers(),
                ),
            )

    def bundle(self) -> Caught:
        """An evidence bundle that names another file."""
        bundle = evidence_bundle(self.clip.rendition_id)
        sealing = bundle["log"]["entries"][0]
        body = base64.b64decode(sealing["entry"]).replace(b'"file_digest":"', b'"file_digest":"0')
        sealing["entry"] = base64.b64encode(body).decode()
        return refused(
            "an evidence bundle forged",
            "the proof in the bundle",
            lambda: open_bundle(bundle, pinned_keys().log_key),
        )

    def row(self) -> Caught:
        """A withdrawn video is made to look released again, in the database."""
        withdraw_record(self.other.rendition_id, reason_code="drill", actor="system")
        Record.objects.filter(pk=self.other.rendition_id).update(
            state="released", withdrawn_at=None, withdrawal_reason=""
        )
        return self.file("a record set back to released", self.other.data)

    def log_key(self) -> Caught:
        """The log's key is exchanged: nothing that was signed before holds any more."""
        path = self.folder / "another-log-key.pem"
        create_log_key(path)
        with _set(LIKENESS_LOG_KEY_FILE=path):
            return self.file("the log's key exchanged", self.clip.data)

    def log_row_refused(self) -> Caught:
        """An entry of the log is changed by SQL."""
        try:
            with transaction.atomic():
                LogEntry.objects.filter(index=0).update(body="{}")
        except IntegrityError as error:
            return Caught("a row of the log changed", "the database's trigger", f"{error}.")
        return Caught("a row of the log changed", "nothing", "The row was changed.", is_caught=False)

    def log_row_forced(self) -> Caught:
        """The same by somebody who owns the database and takes the triggers away first."""
        drop_triggers()
        entry = LogEntry.objects.get(index=0)
        LogEntry.objects.filter(index=0).update(body=entry.body.replace("system", "usr_x"))
        findings = check_stored_log(log_signing_key(), []).findings
        said = findings[0].message if findings else "Nothing was found."
        return Caught("the same after removing the triggers", "auditlog_fsck", said, bool(findings))


# Which findings are what caught a change, and not what was still all right.
_TELLING = {
    ("manifest", "invalid"),
    ("manifest", "none"),
    ("manifest", "valid_untrusted"),
    ("container", "hidden_data"),
    ("agreement", "transplanted"),
    ("recovered", "by_watermark"),
    ("watermark", "not_found"),
    ("log", "not_proven"),
}


def refused(attempt: str, check: str, act: Callable[[], object]) -> Caught:
    """Caught: the service refuses with a code."""
    try:
        act()
    except CodedError as error:
        return Caught(attempt, f"{check} ({error.code})", error.message)
    return Caught(attempt, "nothing", "It was accepted.", is_caught=False)


@contextmanager
def _set(**values: Path) -> Iterator[None]:
    before = {name: getattr(settings, name) for name in values}
    for name, value in values.items():
        setattr(settings, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
