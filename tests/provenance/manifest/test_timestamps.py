"""Time-stamps: from a real server over HTTP, with a second one behind it, and worth something years later."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import tsp

from provenance.manifest import development_ca
from provenance.manifest.reading import ManifestState, read_manifest
from provenance.manifest.signing import ReadBackFailed, SigningFailed, SigningIdentity, sign_file
from provenance.manifest.timestamp_authority import TimestampAuthority
from provenance.manifest.timestamping import TimestampServers, TimestampUnavailable, serving, stamped_digest
from provenance.manifest.trust import TrustStore
from tests.provenance.manifest.conftest import identity_of, make_claim

NOBODY = "http://127.0.0.1:9/"
ROOT = Path(__file__).parents[3]
TEN_YEARS_S = 10 * 366 * 24 * 3600


@dataclass(frozen=True)
class Clock:
    """A time-stamp authority and the root that it hangs from."""

    authority: TimestampAuthority
    root_pem: str


def clock_in(folder: Path) -> Clock:
    files = development_ca.create_timestamp_authority()
    (folder / "chain.pem").write_text(files.chain_pem)
    (folder / "key.pem").write_text(files.key_pem)
    return Clock(TimestampAuthority.from_files(folder / "chain.pem", folder / "key.pem"), files.root_pem)


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return clock_in(tmp_path_factory.mktemp("clock"))


@dataclass(frozen=True)
class Signing:
    """Signs one clip into a folder, with time-stamps from the given addresses."""

    clip: Path
    folder: Path
    identity: SigningIdentity
    trust: TrustStore

    def __call__(self, *urls: str) -> Path:
        target = self.folder / "signed.mp4"
        servers = TimestampServers(urls, answer_within_s=0.5) if urls else None
        sign_file(self.clip, target, make_claim(), self.identity, self.trust, timestamps=servers)
        return target


@pytest.fixture
def signing(clip: Path, identity: SigningIdentity, authority, clock, tmp_path) -> Signing:
    (tmp_path / "signing").mkdir()
    trust = TrustStore(authority.root_pem, timestamp_anchors_pem=clock.root_pem)
    return Signing(clip, tmp_path / "signing", identity, trust)


def request(digest: bytes = b"\x01" * 32) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
    return bytes(
        tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "nonce": 2**70, "cert_req": True}).dump()
    )


def test_openssl_accepts_what_our_authority_stamps(clock: Clock, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    (tmp_path / "data").write_bytes(b"a signature")
    (tmp_path / "root.pem").write_text(clock.root_pem)
    digest = hashlib.sha256(b"a signature").digest()
    (tmp_path / "reply.der").write_bytes(clock.authority.reply(request(digest)))
    command = ["openssl", "ts", "-verify", "-data", "data", "-in", "reply.der", "-CAfile", "root.pem"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout + done.stderr


def test_it_rejects_what_is_no_request(clock: Clock) -> None:
    for junk in (b"", b"junk", request()[:20]):
        with pytest.raises(ValueError, match="refused"):
            stamped_digest(clock.authority.reply(junk))


def test_a_signature_is_stamped(signing: Signing, clock: Clock) -> None:
    with serving(clock.authority.reply) as url:
        reading = read_manifest(signing(url), signing.trust)
    assert reading.state is ManifestState.TRUSTED_OURS
    assert reading.is_time_stamped
    assert reading.signed_at is not None
    assert abs(datetime.fromisoformat(reading.signed_at) - datetime.now(UTC)) < timedelta(minutes=1)


def another_digest(authority: TimestampAuthority) -> Callable[[bytes], bytes | None]:
    return lambda _: authority.reply(request(b"\x02" * 32))


@pytest.mark.parametrize("first", ["away", "busy", "refusing", "lying", "talking nonsense"])
def test_the_second_server_is_asked_when_the_first_gives_nothing(
    signing: Signing, clock: Clock, first: str
) -> None:
    answers: dict[str, Callable[[bytes], bytes | None]] = {
        "away": lambda _: None,
        "busy": lambda _: None,
        "refusing": lambda _: clock.authority.reply(b""),
        "lying": another_digest(clock.authority),
        "talking nonsense": lambda _: b"<html>",
    }
    with serving(answers[first]) as bad, serving(clock.authority.reply) as good:
        path = signing(NOBODY if first == "away" else bad, good)
    assert read_manifest(path, signing.trust).is_time_stamped


def test_nothing_is_signed_when_no_server_answers(signing: Signing) -> None:
    with serving(lambda _: None) as busy, pytest.raises(TimestampUnavailable) as caught:
        signing(NOBODY, busy, "ftp://no")
    reasons = str(caught.value.__cause__)
    assert all(word in reasons for word in ("refused", "503", "ftp"))
    assert list(signing.folder.iterdir()) == []


def test_a_server_that_does_not_answer_in_time_is_given_up(signing: Signing) -> None:
    def dawdle(request: bytes) -> None:
        time.sleep(1)

    with serving(dawdle) as slow, pytest.raises(TimestampUnavailable) as caught:
        signing(slow)
    assert "timed out" in str(caught.value.__cause__)


def test_a_clock_that_we_do_not_believe_is_not_enough(signing: Signing, trust, clock: Clock) -> None:
    with serving(clock.authority.reply) as url, pytest.raises(ReadBackFailed, match="time-stamp"):
        replace(signing, trust=trust)(url)
    assert list(signing.folder.iterdir()) == []


def test_a_failing_key_is_not_blamed_on_the_clock(signing: Signing, authority, clock: Clock) -> None:
    def fail(data: bytes) -> bytes:
        raise ConnectionError("key service is down")

    by_service = SigningIdentity.from_callback(authority.issue_leaf()[0], fail)
    with serving(clock.authority.reply) as url, pytest.raises(SigningFailed) as caught:
        replace(signing, identity=by_service)(url)
    assert isinstance(caught.value.__cause__, ConnectionError)


def test_a_time_stamp_authority_cannot_sign_as_somebody_known(clip, stranger, trust, tmp_path) -> None:
    """The library keeps one list for signers of others and for time-stamps; we take them apart again."""
    (tmp_path / "keys").mkdir()
    theirs = identity_of(stranger, tmp_path / "keys")
    sign_file(clip, tmp_path / "s.mp4", make_claim(), theirs, TrustStore(stranger.root_pem))
    as_signer = replace(trust, other_anchors_pem=stranger.root_pem)
    as_clock = replace(trust, timestamp_anchors_pem=stranger.root_pem)
    assert read_manifest(tmp_path / "s.mp4", as_signer).state is ManifestState.TRUSTED_OTHER
    assert read_manifest(tmp_path / "s.mp4", as_clock).state is ManifestState.VALID_UNTRUSTED


@pytest.fixture(scope="module")
def shifted_clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that moves the clock of the process that preloads it."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("moving the clock needs a C compiler on Linux")
    library = tmp_path_factory.mktemp("shift") / "shifted_clock.so"
    source = Path(__file__).parent / "shifted_clock.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


def read_later(path: Path, trust: TrustStore, library: Path) -> tuple[str, list[str]]:
    """State and codes of a file, read by a process whose clock is ten years ahead."""
    code = (
        "import datetime, json, sys; from pathlib import Path;"
        "from provenance.manifest.reading import read_manifest;"
        "from provenance.manifest.trust import TrustStore;"
        "reading = read_manifest(Path(sys.argv[1]), TrustStore(**json.loads(sys.argv[2])));"
        "print(json.dumps([reading.state, reading.codes, datetime.datetime.now().year]))"
    )
    shifted = {"LD_PRELOAD": str(library), "SHIFT_S": str(TEN_YEARS_S), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, str(path), json.dumps(asdict(trust))]
    state, codes, year = json.loads(subprocess.check_output(command, env=os.environ | shifted, text=True))
    assert year > datetime.now(UTC).year + 8
    return state, codes


def test_ten_years_later_only_the_stamped_signature_holds(
    signing: Signing, authority, clock: Clock, shifted_clock: Path
) -> None:
    with serving(clock.authority.reply) as url:
        stamped = signing(url)
    assert read_later(stamped, signing.trust, shifted_clock) == ("trusted_ours", [])
    # Whoever does not believe the clock has nothing to go by but the certificate's end.
    state, codes = read_later(stamped, TrustStore(authority.root_pem), shifted_clock)
    assert state == "invalid"
    assert "signingCredential.expired" in codes
    state, codes = read_later(signing(), signing.trust, shifted_clock)
    assert state == "invalid"
    assert "signingCredential.expired" in codes


def test_ten_years_later_a_time_stamp_authority_still_cannot_certify_signers(
    signing: Signing, stranger, clock: Clock, shifted_clock: Path, tmp_path: Path
) -> None:
    """Their certificate has expired, and an authority that we trust has stamped it."""
    theirs = replace(
        signing,
        identity=identity_of(stranger, tmp_path),
        trust=TrustStore(stranger.root_pem, timestamp_anchors_pem=clock.root_pem),
    )
    with serving(clock.authority.reply) as url:
        stamped = theirs(url)
    both = f"{clock.root_pem}\n{stranger.root_pem}"
    as_signer = replace(signing.trust, other_anchors_pem=stranger.root_pem)
    as_clock = replace(signing.trust, timestamp_anchors_pem=both)
    assert read_later(stamped, as_signer, shifted_clock)[0] == "trusted_other"
    assert read_later(stamped, as_clock, shifted_clock)[0] == "valid_untrusted"
