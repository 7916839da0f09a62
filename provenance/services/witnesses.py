"""Asks the log's witnesses to sign its newest checkpoint, and keeps their signatures."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

import requests

from provenance.common.errors import CodedError
from provenance.keys.witnesses import ConfiguredWitness, configured_witnesses
from provenance.log.checkpoint import MAX_NOTE_BYTES, open_note
from provenance.log.errors import NoteRejected
from provenance.log.witness import SIZE_TYPE, AddCheckpoint
from provenance.models import LogCheckpoint, LogCosignature
from provenance.selectors.log import consistency_proof
from provenance.selectors.signed_head import SignedHead, sign_stored

ANSWER_S = 10
ENTRIES_KEPT = 10_000  # old cosignatures prove nothing that newer ones do not

logger = logging.getLogger(__name__)


class WitnessUnhelpful(Exception):
    """A witness did not sign; the message says why."""


@dataclass
class Asked:
    """What came of one round."""

    signed: int = 0
    failed: int = 0


def ask_witnesses() -> Asked:
    """Have each configured witness sign the newest checkpoint. Again does nothing until the log grows.

    A witness that cannot be reached is asked at the next round. One that has signed another history is
    reported loudly: either it is mistaken, or somebody else writes under the log's key.
    """
    done = Asked()
    newest = LogCheckpoint.objects.order_by("-size").first()
    if newest is None:
        return done
    head: SignedHead | None = None
    for witness in configured_witnesses():
        last = _last_size(witness)
        if last >= newest.size:
            continue
        head = head or sign_stored(newest)
        try:
            _ask(witness, head, last)
        except (WitnessUnhelpful, requests.RequestException, CodedError) as error:
            done.failed += 1
            logger.warning("The witness %s did not sign: %s", witness.key.name, error)
        else:
            done.signed += 1
    if done.signed and head is not None:
        LogCosignature.objects.filter(size__lt=head.size - ENTRIES_KEPT).delete()
    return done


def _last_size(witness: ConfiguredWitness) -> int:
    found = LogCosignature.objects.filter(witness=witness.key.vkey).order_by("-size")
    return found.values_list("size", flat=True).first() or 0


def _ask(witness: ConfiguredWitness, head: SignedHead, old: int) -> None:
    """Send the checkpoint, once more from the size that the witness says it has. Raises WitnessUnhelpful."""
    answer = _send(witness, head, old)
    if answer.status_code == 409 and answer.headers.get("Content-Type", "").startswith(SIZE_TYPE):
        said = answer.text.strip()
        if not said.isdecimal() or len(said) > 18 or int(said) > head.size or int(said) == old:
            logger.error("The witness %s has signed another history of this log", witness.key.name)
            raise WitnessUnhelpful(f"it has signed a checkpoint of {said[:20]} entries")
        answer = _send(witness, head, int(said))
    if answer.status_code != 200:
        raise WitnessUnhelpful(f"it answered {answer.status_code}: {answer.text[:200]!r}")
    line = _own_line(witness, head, answer.text)
    LogCosignature.objects.get_or_create(size=head.size, witness=witness.key.vkey, defaults={"line": line})


def _send(witness: ConfiguredWitness, head: SignedHead, old: int) -> requests.Response:
    proof = consistency_proof(old, head.size).hashes if old else ()
    answer = requests.post(
        f"{witness.address}/add-checkpoint",
        data=AddCheckpoint(old, proof, head.note).body.encode(),
        timeout=ANSWER_S,
        allow_redirects=False,
        stream=True,
    )
    with answer:
        answer._content = _body(answer)
    return answer


def _body(answer: requests.Response) -> bytes:
    """The beginning of an answer's body. Raises WitnessUnhelpful for one that drips, and RequestException."""
    began, body = time.monotonic(), bytearray()
    for byte in answer.iter_content(1):  # a larger piece is waited for until it is whole
        body += byte
        if len(body) >= MAX_NOTE_BYTES:
            break
        if time.monotonic() - began > ANSWER_S:
            raise WitnessUnhelpful("it takes too long to answer")
    return bytes(body)


def _own_line(witness: ConfiguredWitness, head: SignedHead, lines: str) -> str:
    """The witness's valid signature among the lines of its answer. Raises WitnessUnhelpful."""
    for line in lines.splitlines(keepends=True):
        try:
            open_note(head.note + line, witness.key)
        except NoteRejected:
            continue
        return line
    raise WitnessUnhelpful("its answer holds no valid signature of its key")
