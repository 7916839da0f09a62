"""A key is stolen: what a thief can and cannot make believe, the way out, and what stays provable."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.contact_errors import AskingStopped
from accounts.models import AskingStop, Contact
from accounts.services.contacts.addresses import tombstone
from accounts.services.contacts.limits import require_may_ask
from provenance.keys.log_mark import log_mark_file
from provenance.keys.service_keys import (
    log_signing_key,
    marking_year,
    secrets_in,
    trust_store,
    watermark_key,
)
from provenance.keys.signing_identity import signing_identity
from provenance.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from provenance.log.entries import LogEvent
from provenance.log.errors import NoteRejected
from provenance.log.keys import create_log_key
from provenance.manifest import development_ca
from provenance.manifest.signature import revocation
from provenance.manifest.signature.local_server import served
from provenance.manifest.signature.revocation import CertificateRevoked
from provenance.manifest.signing import sign_file
from provenance.models import LogEntry, Record
from provenance.selectors.evidence import evidence_bundle, pinned_keys
from provenance.services.log import signed_head
from provenance.services.records import release_record
from provenance.services.verify import verify_file
from provenance.verify.evidence.bundle import BundleRejected, open_bundle
from provenance.watermark import Embedder, WatermarkPayload
from tests.factories import PartnerFactory
from tests.provenance import clips
from tests.provenance.claims import rendition_claim
from tests.provenance.keys.test_create_keys import NAMES
from tests.provenance.sealing import YEAR, SealedClip, make_sealed_clip, seal

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def keys(settings, tmp_path: Path) -> Iterator[Path]:
    """The service's keys, in a folder of the test's own."""
    before, after = Path(settings.LIKENESS_KEYS_DIR), tmp_path / "keys"
    shutil.copytree(before, after)
    for name, file in NAMES.items():
        setattr(settings, name, after / file)
    settings.LIKENESS_KEYS_DIR = after
    revocation.forget_answers()
    yield after
    revocation.forget_answers()


def findings(path: Path) -> tuple[str, str | None, set[tuple[str, str]]]:
    """Verdict, rendition and findings."""
    verdict = verify_file(path)
    reasons = {(reason.signal, reason.finding) for reason in verdict.reasons}
    return verdict.kind.value, verdict.rendition_id, reasons


def strangers_video(folder: Path, **more) -> Path:
    # Of another picture, turned: under no key is it like enough to ours for its content to be unclear.
    frames = (np.ascontiguousarray(frame[::-1, ::-1]) for frame in clips.moving_frames(clips.FPS, seed=4))
    return clips.write_clip(folder / "stranger.mp4", frames, **more)


@pytest.mark.parametrize("rendition_id", ["rnd_" + "A" * 22, "rnd_" + "F" * 22], ids=["ours", "new"])
def test_signing_key_a_strangers_video_is_not_made_ours_by_it(
    released: Record, tmp_path: Path, rendition_id: str
) -> None:
    forged = tmp_path / "forged.mp4"
    claim = rendition_claim(rendition_id, int(released.watermark_id, 16), duration_s=1.0)
    sign_file(strangers_video(tmp_path), forged, claim, signing_identity(), trust_store())
    kind, named, reasons = findings(forged)
    assert (kind, named) == ("cannot_tell", None)
    assert ("manifest", "trusted_ours") in reasons


def test_signing_and_watermark_key_together_make_no_strangers_video_ours(
    released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    embedder = Embedder(WatermarkPayload(clip.watermark_id), watermark_key(YEAR))
    forged = tmp_path / "forged.mp4"
    claim = rendition_claim(clip.rendition_id, clip.watermark_id, duration_s=1.0)
    marked = strangers_video(tmp_path, mark=embedder.mark)
    sign_file(marked, forged, claim, signing_identity(), trust_store())
    assert findings(forged)[:2] == ("cannot_tell", None)


def test_signing_key_taken_back_signs_no_more_and_the_next_one_does(
    released: Record, clip: SealedClip, keys: Path, settings, tmp_path: Path
) -> None:
    stolen = signing_identity().leaf.serial_number
    responder = development_ca.create(keys / "development-ca").ocsp_responder(revoked={stolen})
    claim = rendition_claim("rnd_" + "N" * 22, 3, duration_s=1.0)
    with served({"/ocsp": responder.service}) as url:
        settings.LIKENESS_OCSP_RESPONDER = f"{url}ocsp"
        plain = strangers_video(tmp_path)
        with pytest.raises(CertificateRevoked):
            sign_file(plain, tmp_path / "a.mp4", claim, signing_identity(), trust_store())
        call_command("rotate_signing_key")
        assert signing_identity().leaf.serial_number != stolen
        sign_file(plain, tmp_path / "b.mp4", claim, signing_identity(), trust_store())
    assert findings(clip.path)[:2] == ("ours_intact", clip.rendition_id)


@pytest.mark.django_db(transaction=True)
def test_log_key_a_new_log_says_where_the_old_one_ended(clip: SealedClip, settings, keys: Path) -> None:
    release_record(seal(clip).rendition_id, actor="system")
    old, old_bundle, old_pinned = signed_head(), evidence_bundle(clip.rendition_id), pinned_keys()
    stolen_key, stolen_origin = log_signing_key(), settings.LIKENESS_LOG_ORIGIN
    shutil.copy(log_mark_file(), keys / "old.mark")
    shutil.copy(settings.LIKENESS_LOG_KEY_FILE, keys / "old.pem")
    settings.LIKENESS_LOG_ORIGIN = "likeness.example/log2"
    settings.LIKENESS_LOG_KEY_FILE = keys / "new.pem"
    create_log_key(keys / "new.pem")
    call_command(
        "auditlog_new_log",
        *("--old-origin", stolen_origin, "--old-key", str(keys / "old.pem")),
        *("--old-mark", str(keys / "old.mark")),
    )
    # The thief signs what he likes, in the name of the old log. That ended before, as the new one says.
    forged = sign_checkpoint(Checkpoint(stolen_origin, old.size + 5, bytes(32)), stolen_key)
    said = LogEntry.objects.get(event=LogEvent.LOG_SUCCEEDED).entry.data
    assert (said["old_size"], said["old_root"]) == (old.size, old.root.hex())
    assert open_checkpoint(forged, stolen_key.verify_key).size > old.size
    with pytest.raises(NoteRejected):
        open_checkpoint(forged, log_signing_key().verify_key)
    # What was proved before stays so, and is proved anew under the new key.
    assert open_bundle(old_bundle, old_pinned.log_key).record.rendition_id == clip.rendition_id
    new_bundle = evidence_bundle(clip.rendition_id)
    assert open_bundle(new_bundle, pinned_keys().log_key).record.rendition_id == clip.rendition_id
    with pytest.raises(BundleRejected):
        open_bundle(new_bundle, old_pinned.log_key)
    assert findings(clip.path)[:2] == ("ours_intact", clip.rendition_id)


def test_watermark_key_a_strangers_video_is_not_made_ours_by_it(
    released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    embedder = Embedder(WatermarkPayload(clip.watermark_id), watermark_key(YEAR))
    kind, _, reasons = findings(strangers_video(tmp_path, mark=embedder.mark))
    assert kind == "mark_transplanted"
    assert ("content", "differs") in reasons


def test_watermark_key_a_new_secret_marks_new_videos_and_old_ones_are_found(
    released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    stolen = watermark_key(YEAR)
    call_command("replace_secret", "watermark")
    assert (marking_year(), watermark_key(YEAR)) == (10_000 + YEAR, stolen)
    (tmp_path / "new").mkdir()
    new = make_sealed_clip(
        tmp_path / "new",
        clips.moving_frames(clips.FPS, seed=4),
        rendition_id="rnd_" + "N" * 22,
        watermark_id=0x1234_5678_9ABC,
        watermark_year=marking_year(),
    )
    release_record(seal(new).rendition_id, actor="system")
    for made in (clip, new):
        without_manifest = tmp_path / f"{made.rendition_id}.mp4"
        without_manifest.write_bytes(clips.reencoded(made.data))
        assert findings(without_manifest)[:2] == ("ours_changed", made.rendition_id)
    # The thief knows the new video's id, which is public, and marks with the old secret what shows the same.
    embedder = Embedder(WatermarkPayload(new.watermark_id), stolen)
    frames = clips.moving_frames(clips.FPS, seed=4)
    forged = clips.write_clip(tmp_path / "forged.mp4", frames, has_audio=False, mark=embedder.mark)
    assert findings(forged)[:2] == ("cannot_tell", None)


def test_watermark_key_is_replaced_as_often_as_years_have_room(settings) -> None:
    call_command("replace_secret", "watermark")
    call_command("replace_secret", "watermark")
    assert marking_year() == 20_000 + YEAR < 2**15
    with pytest.raises(CommandError, match="replaced 2 times already"):
        call_command("replace_secret", "watermark")
    settings.LIKENESS_WATERMARK_KEY_CALLBACK = "tests.provenance.keys.test_stolen_keys.keys"
    with pytest.raises(CommandError, match="A function gives the watermark's keys"):
        call_command("replace_secret", "watermark")


def test_contact_key_whoever_asked_to_be_left_alone_still_is(db, settings) -> None:
    partner = PartnerFactory()
    address = "maya@mail.example"
    before = tombstone("email", address)
    erased = Contact.objects.create(channel="email", identity=before, address="erased:x")
    AskingStop.objects.create(contact=erased, partner=None)
    call_command("replace_secret", "commitment")
    assert len(secrets_in(Path(settings.LIKENESS_COMMITMENT_KEY_FILE))) == 2
    assert tombstone("email", address) != before
    named_again = Contact.objects.create(channel="email", identity=address, address=address)
    with pytest.raises(AskingStopped):
        require_may_ask(partner=partner, contact=named_again)
    assert Client().get("/readyz").json()["parts"]["keys"]["ok"]
