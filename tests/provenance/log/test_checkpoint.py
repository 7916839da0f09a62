"""Signed notes against Go's published vectors; checkpoints written, read, forged and garbled."""

from __future__ import annotations

import base64
import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from provenance.log.checkpoint import (
    Checkpoint,
    open_checkpoint,
    open_note,
    sign_checkpoint,
    sign_note,
)
from provenance.log.errors import NoteRejected
from provenance.log.keys import LogSigningKey, LogVerifyKey, create_log_key
from tests.provenance.log import vectors

ORIGIN = "log.example/likeness"
CHECKPOINT = Checkpoint(ORIGIN, 7, bytes(range(32)))


@pytest.fixture(scope="module")
def key() -> LogSigningKey:
    return LogSigningKey(ORIGIN, Ed25519PrivateKey.generate())


@pytest.fixture
def published() -> LogSigningKey:
    seed = base64.b64decode(vectors.NOTE_KEY_LINE)[1:]
    return LogSigningKey(vectors.NOTE_KEY_NAME, Ed25519PrivateKey.from_private_bytes(seed))


def test_it_signs_the_published_note_to_the_byte(published):
    assert published.verify_key.vkey == vectors.NOTE_VKEY
    assert sign_note(vectors.NOTE_TEXT, published) == f"{vectors.NOTE_TEXT}\n{vectors.NOTE_SIGNATURE}"


@pytest.mark.parametrize("vkey", [vectors.NOTE_VKEY, vectors.NOTE_OTHER_VKEY])
def test_it_opens_the_published_note_by_either_of_its_signers(vkey):
    note = f"{vectors.NOTE_TEXT}\n{vectors.NOTE_SIGNATURE}{vectors.NOTE_OTHER_SIGNATURE}"
    assert open_note(note, LogVerifyKey.from_vkey(vkey)) == vectors.NOTE_TEXT


@pytest.mark.parametrize(
    "note",
    [
        vectors.NOTE_TEXT,
        f"{vectors.NOTE_TEXT}\n",
        f"{vectors.NOTE_TEXT}\n{vectors.NOTE_SIGNATURE[:-1]}",
        f"\x01{vectors.NOTE_TEXT}\n{vectors.NOTE_SIGNATURE}",
        f"\udcff{vectors.NOTE_TEXT}\n{vectors.NOTE_SIGNATURE}",
        f"{vectors.NOTE_TEXT}\n\u2014 Bad Name {vectors.NOTE_SIGNATURE.split()[2]}\n",
        f"{vectors.NOTE_TEXT}\n{vectors.NOTE_SIGNATURE}Unexpected line.\n",
        f"{vectors.NOTE_TEXT}\n{vectors.NOTE_SIGNATURE * 101}",
        f"{vectors.NOTE_TEXT}\n{vectors.NOTE_SIGNATURE[:60]}ABCD{vectors.NOTE_SIGNATURE[60:]}",
        f"{vectors.NOTE_TEXT}\n{vectors.NOTE_OTHER_SIGNATURE}",
        f"{vectors.NOTE_TEXT}more\n\n{vectors.NOTE_SIGNATURE}",
        f"{vectors.NOTE_TEXT}\n\u2014 PeterNeumann x08g\n",
        f"{vectors.NOTE_TEXT}\n\u2014 PeterNeumann !!!!\n",
        vectors.NOTE_TEXT + "\n" * 70_000 + vectors.NOTE_SIGNATURE,
    ],
)
def test_it_refuses_a_note_that_is_malformed_or_not_signed_by_the_key(note):
    with pytest.raises(NoteRejected):
        open_note(note, LogVerifyKey.from_vkey(vectors.NOTE_VKEY))


def test_it_refuses_every_mangled_public_key_line():
    line = vectors.NOTE_VKEY
    mangled = [line[:end] for end in range(len(line))] + [line[start:] for start in range(1, len(line))]
    mangled += [line[:i] + chr(ord(line[i]) + 1) + line[i + 1 :] for i in range(len(line))]
    mangled += [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # key too long, id fits
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # unknown algorithm, id fits
    ]
    for text in mangled:
        with pytest.raises(NoteRejected):
            LogVerifyKey.from_vkey(text)


def test_it_writes_a_checkpoint_as_three_lines_and_a_signature(key):
    note = sign_checkpoint(CHECKPOINT, key)
    assert note.startswith(f"{ORIGIN}\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n\u2014 {ORIGIN} ")
    assert note.endswith("=\n")
    assert open_checkpoint(note, key.verify_key) == CHECKPOINT


def test_it_passes_over_witness_signatures_and_extension_lines(key):
    witness = LogSigningKey("witness.example/w1", Ed25519PrivateKey.generate())
    text = CHECKPOINT.text + "an extension\n"
    cosignature = sign_note(text, witness).rpartition("\n\n")[2]
    assert open_checkpoint(sign_note(text, key) + cosignature, key.verify_key) == CHECKPOINT


def test_it_refuses_a_checkpoint_by_another_key_of_the_same_name(key):
    forged = sign_checkpoint(CHECKPOINT, LogSigningKey(ORIGIN, Ed25519PrivateKey.generate()))
    with pytest.raises(NoteRejected, match="no signature by the key"):
        open_checkpoint(forged, key.verify_key)


def test_it_refuses_a_bad_signature_beside_a_good_one(key):
    note = sign_checkpoint(CHECKPOINT, key)
    bad = base64.b64encode(key.verify_key.key_id + bytes(64)).decode()
    with pytest.raises(NoteRejected, match="not valid"):
        open_checkpoint(f"{note}\u2014 {ORIGIN} {bad}\n", key.verify_key)


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n7\n",
        f"{ORIGIN}\n07\n{'A' * 43}=\n",
        f"{ORIGIN}\n-7\n{'A' * 43}=\n",
        f"{ORIGIN}\n\u0667\n{'A' * 43}=\n",
        f"{ORIGIN}\n7\n{'A' * 40}\n",
        f"{ORIGIN}\n7\n{'A' * 42}B=\n",  # another spelling of the same bytes
        f"{ORIGIN}\n7\nnot base64\n",
        f"another.example/log\n7\n{'A' * 43}=\n",
        f"{ORIGIN}\n\n7\n{'A' * 43}=\n",
    ],
)
def test_it_refuses_a_signed_text_that_is_no_checkpoint_of_this_log(key, text):
    with pytest.raises(NoteRejected):
        open_checkpoint(sign_note(text, key), key.verify_key)


def test_it_will_not_sign_for_another_origin_or_a_text_without_end(key):
    with pytest.raises(NoteRejected):
        sign_checkpoint(Checkpoint("another.example/log", 7, bytes(32)), key)
    with pytest.raises(NoteRejected):
        sign_note("no newline", key)


@pytest.mark.slow
@given(st.data())
def test_no_changed_character_goes_unnoticed(data):
    key = LogSigningKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    note = sign_checkpoint(CHECKPOINT, key)
    place = data.draw(st.integers(0, len(note) - 1))
    letter = data.draw(st.characters().filter(lambda letter: letter != note[place]))
    with pytest.raises(NoteRejected):
        open_checkpoint(note[:place] + letter + note[place + 1 :], key.verify_key)


def test_it_keeps_a_new_key_to_its_owner_and_never_overwrites_one(tmp_path):
    path = tmp_path / "log.pem"
    create_log_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = LogSigningKey.load(path, ORIGIN)
    assert open_checkpoint(sign_checkpoint(CHECKPOINT, key), key.verify_key) == CHECKPOINT
    with pytest.raises(FileExistsError):
        create_log_key(path)


def test_it_refuses_a_key_file_that_holds_something_else(tmp_path):
    path = tmp_path / "log.pem"
    path.write_text("no key")
    with pytest.raises(NoteRejected):
        LogSigningKey.load(path, ORIGIN)
    from cryptography.hazmat.primitives import serialization as s

    path.write_bytes(
        X25519PrivateKey.generate().private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
    )
    with pytest.raises(NoteRejected):
        LogSigningKey.load(path, ORIGIN)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb"])
def test_it_refuses_a_key_name_that_a_signature_line_could_not_carry(name):
    with pytest.raises(NoteRejected):
        LogVerifyKey(name, bytes(32))
