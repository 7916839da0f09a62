"""A witness signs one history of a log and no other, in the formats of C2SP."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provenance.log.checkpoint import Checkpoint, sign_checkpoint
from provenance.log.cosignature import (
    TooFewWitnesses,
    WitnessKey,
    WitnessPolicy,
    WitnessSigningKey,
    signers_of,
)
from provenance.log.errors import NoteRejected
from provenance.log.hashing import leaf_hash
from provenance.log.keys import LogSigningKey
from provenance.log.merkle import Frontier, Subtree, plan_consistency
from provenance.log.witness import SIZE_TYPE, AddCheckpoint, Witness

NAME = "witness.example.com/w1"
KEY = WitnessSigningKey(NAME, Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
LOG = LogSigningKey("log.example/likeness", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
NOW = 1679315147

# The examples of c2sp.org/tlog-cosignature and c2sp.org/tlog-witness.
SPECIFIED_TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
SPECIFIED_LINE = (
    "\u2014 witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZ"
    "qhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
SPECIFIED_REQUEST = (
    "old 20852014\n"
    "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
    "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
    "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
    "\n" + SPECIFIED_TEXT + "\n"
    "\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+"
    "zyWE+xeMcTOAYQ8=\n"
)


def history(size: int, *, forked_at: int | None = None) -> list[bytes]:
    """The leaf hashes of a log, of which another history may be told from some entry on."""
    return [
        leaf_hash(b"%d%s" % (index, b"x" if forked_at is not None and index >= forked_at else b""))
        for index in range(size)
    ]


def note_of(leaves: list[bytes], key: LogSigningKey = LOG) -> str:
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return sign_checkpoint(Checkpoint(key.name, len(leaves), frontier.root()), key)


def request(old: int, leaves: list[bytes], key: LogSigningKey = LOG) -> bytes:
    """What a log that tells this history sends."""

    def subtree_hash(subtree: Subtree) -> bytes:
        begin, end = subtree.offset << subtree.level, (subtree.offset + 1) << subtree.level
        frontier = Frontier()
        for leaf in leaves[begin:end]:
            frontier.append(leaf)
        return frontier.root()

    plan = plan_consistency(old, len(leaves)) if old else None
    proof = tuple(plan.hashes({s: subtree_hash(s) for s in plan.subtrees})) if plan else ()
    return AddCheckpoint(old, proof, note_of(leaves, key)).body.encode()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(KEY, {LOG.name: LOG.verify_key}, tmp_path / "signed")


def test_keys_and_signatures_have_the_form_of_the_specification():
    key = KEY.verify_key
    assert key.key_id == hashlib.sha256(NAME.encode() + b"\n\x04" + key.public_key).digest()[:4]
    assert WitnessKey.from_vkey(key.vkey) == key
    line = KEY.cosign(SPECIFIED_TEXT, seconds=NOW)
    blob, specified = (base64.b64decode(each.split(" ")[2]) for each in (line, SPECIFIED_LINE))
    assert len(blob) == len(specified) == 4 + 8 + 64
    assert blob[4:12] == specified[4:12] == NOW.to_bytes(8, "big")
    assert line.startswith(f"\u2014 {NAME} ")
    assert key.verify(SPECIFIED_TEXT.encode(), blob[4:])
    signature = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))).sign(
        f"cosignature/v1\ntime {NOW}\n{SPECIFIED_TEXT}".encode()
    )
    assert blob[12:] == signature


@pytest.mark.parametrize("position", [0, 3, 4, 11, 12, 75])
def test_no_bit_of_a_cosignature_can_be_changed(position):
    note = note_of(history(3))
    line = KEY.cosign(note.partition("\n\n")[0] + "\n", seconds=NOW)
    assert signers_of(note + line, [KEY.verify_key]) == [KEY.verify_key]
    blob = bytearray(base64.b64decode(line.split(" ")[2]))
    blob[position] ^= 1
    changed = f"\u2014 {NAME} {base64.b64encode(blob).decode()}\n"
    assert signers_of(note + changed, [KEY.verify_key]) == []


def test_the_specifications_request_is_read_and_written():
    asked = AddCheckpoint.parse(SPECIFIED_REQUEST.encode())
    assert (asked.old, len(asked.proof)) == (20852014, 4)
    assert asked.note.startswith(SPECIFIED_TEXT)
    assert asked.body == SPECIFIED_REQUEST


@pytest.mark.parametrize(
    "body",
    [
        b"", b"old 1", b"old 01\n\nx", b"old -1\n\nx", b"new 1\n\nx", b"old 0\nAA==\n\nx", b"old 0\n?\n\nx",
        b"\xff\n\nx", b"old 0\n" + b"A" * 44 * 64 + b"\n\nx",
    ],
)  # fmt: skip
def test_a_request_that_is_none_is_refused(witness, body):
    with pytest.raises(NoteRejected):
        AddCheckpoint.parse(body)
    assert witness.add_checkpoint(body, seconds=NOW).status == 400


def test_it_follows_a_log_that_only_grows(witness):
    old = 0
    for size in (1, 2, 7, 8, 9, 64, 100):
        answer = witness.add_checkpoint(request(old, history(size)), seconds=NOW)
        assert answer.status == 200, answer.body
        note = note_of(history(size)) + answer.body
        assert [key.name for key in signers_of(note, [KEY.verify_key])] == [NAME]
        assert witness.add_checkpoint(request(size, history(size)), seconds=NOW + 1).status == 200
        old = size


def test_of_two_histories_it_signs_one(witness, tmp_path):
    assert witness.add_checkpoint(request(0, history(8)), seconds=NOW).status == 200
    other = history(12, forked_at=5)
    assert witness.add_checkpoint(request(8, other), seconds=NOW).status == 422
    same_size = witness.add_checkpoint(request(8, history(8, forked_at=5)), seconds=NOW)
    assert (same_size.status, same_size.body, same_size.content_type) == (409, "8\n", SIZE_TYPE)
    assert witness.add_checkpoint(request(0, other), seconds=NOW).body == "8\n"
    # It remembers, whoever starts it again.
    again = Witness(KEY, {LOG.name: LOG.verify_key}, tmp_path / "signed")
    assert again.add_checkpoint(request(8, other), seconds=NOW).status == 422
    assert again.add_checkpoint(request(8, history(12)), seconds=NOW).status == 200


def test_it_tells_the_size_that_it_has(witness):
    witness.add_checkpoint(request(0, history(8)), seconds=NOW)
    answer = witness.add_checkpoint(request(4, history(12)), seconds=NOW)
    assert (answer.status, answer.body, answer.content_type) == (409, "8\n", SIZE_TYPE)


def test_logs_and_keys_that_it_does_not_know_get_nothing(witness):
    stranger = LogSigningKey("other.example/log", Ed25519PrivateKey.generate())
    assert witness.add_checkpoint(request(0, history(3), stranger), seconds=NOW).status == 404
    thief = LogSigningKey(LOG.name, Ed25519PrivateKey.generate())
    assert witness.add_checkpoint(request(0, history(3), thief), seconds=NOW).status == 403
    assert witness.add_checkpoint(b"old 9\n\n" + note_of(history(3)).encode(), seconds=NOW).status == 400


def test_a_damaged_state_signs_nothing(witness, tmp_path):
    witness.add_checkpoint(request(0, history(8)), seconds=NOW)
    (state,) = [file for file in (tmp_path / "signed").iterdir() if file.suffix == ""]
    state.write_text("garbage")
    with pytest.raises(NoteRejected):
        witness.add_checkpoint(request(0, history(8)), seconds=NOW)


def test_a_policy_counts_different_witnesses():
    keys = [WitnessSigningKey(f"w{n}.example", Ed25519PrivateKey.generate()) for n in range(3)]
    text = "at_least 2\n" + "".join(f"{key.verify_key.vkey}  # somebody\n" for key in keys)
    policy = WitnessPolicy.from_text(text)
    note = note_of(history(3))
    body = note.partition("\n\n")[0] + "\n"
    one = note + keys[0].cosign(body, seconds=NOW)
    with pytest.raises(TooFewWitnesses, match="1 of the 3"):
        policy.require(one)
    with pytest.raises(TooFewWitnesses):
        policy.require(one + keys[0].cosign(body, seconds=NOW + 1))
    assert policy.require(one + keys[2].cosign(body, seconds=NOW)) == ["w0.example", "w2.example"]


@pytest.mark.parametrize(
    "text", ["", "at_least 1\n", "at_least 0\n{vkey}", "at_least 2\n{vkey}\n{vkey}", "{vkey}"]
)
def test_a_policy_that_asks_for_nothing_is_none(text):
    with pytest.raises(NoteRejected):
        WitnessPolicy.from_text(text.format(vkey=KEY.verify_key.vkey))
