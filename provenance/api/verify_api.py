"""The public verification API: verdicts, evidence bundles and verification keys, without a key or account."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from provenance.api.problem_schemas import Problem
from provenance.api.verify_schemas import EvidenceOut, VerdictOut, VerificationKeysOut, VerificationOut
from provenance.common.errors import NotFound
from provenance.common.rate_limit import client_address, count_public_call, count_verified_file
from provenance.common.request_text import require_fields
from provenance.common.uploads import received_file
from provenance.models.verification import ProblemJson, Verification, VerificationState
from provenance.selectors import evidence
from provenance.services.verify_later import ask_again_after_s, files_ahead, verify_now_or_later
from provenance.verify.evidence.bundle import EvidenceJson
from provenance.verify.verdict.verdict import Verdict
from provenance.verify.verdict.verdict_json import VerdictJson

router = Router(tags=["verify"])
# Longer ones keep a connection for longer than proxies like.
LARGEST_AT_ONCE_BYTES = 25 * 1000 * 1000

# Described by hand: the body is taken in by our own limited handler, before the framework would have read it
# whole.
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class VerificationJson(TypedDict):
    id: str
    state: str
    files_ahead: int
    verdict: VerdictJson | None
    problem: ProblemJson | None


@router.post(
    "/verify",
    auth=None,
    response={200: VerdictOut, 202: VerificationOut, 415: Problem, 429: Problem},
    openapi_extra=_UPLOAD,
    summary="Where does this file come from?",
)
def post_verify(
    request: HttpRequest, response: HttpResponse
) -> Status[VerdictJson] | Status[VerificationJson]:
    """Verify a video, picture, sound or document of up to 100 MB.

    The parts of a segmented video, its beginning and segments in their order, may be sent together as several
    fields `file`.

    The file is deleted as soon as the verdict is there. With the header `Prefer: respond-async`, for files
    over 25 MB, and while all readers are busy, the answer is 202 and names the address (`Location`) of the
    verdict to come.
    """
    count_verified_file(request)
    with received_file(request) as path:
        require_fields(request, {"file"}, repeatable={"file"})  # parts of one video may come together
        found = verify_now_or_later(
            path, sender=client_address(request), is_for_later=_is_for_later(request, path)
        )
    if isinstance(found, Verdict):
        return Status(200, found.to_json())
    response["Location"] = f"/v1/verify/{found.id}"
    return Status(202, _verification(found, response))


@router.get(
    "/verify/{verification_id}",
    auth=None,
    response={200: VerificationOut, 404: Problem, 429: Problem},
    summary="The verdict on a file sent before",
)
def get_verification(request: HttpRequest, response: HttpResponse, verification_id: str) -> VerificationJson:
    """The verdict of a verification that was answered with 202, for one hour."""
    count_public_call(request)
    verification = Verification.objects.filter(pk=verification_id).first()
    if verification is None:
        raise NotFound(
            "There is no verification with that id; answers are kept for an hour at most.",
            hint="Check the id, or send the file again.",
        )
    return _verification(verification, response)


def _is_for_later(request: HttpRequest, path: Path) -> bool:
    wishes = {wish.strip().lower() for wish in request.headers.get("Prefer", "").split(",")}
    return "respond-async" in wishes or path.stat().st_size > LARGEST_AT_ONCE_BYTES


def _verification(verification: Verification, response: HttpResponse) -> VerificationJson:
    """Where it stands; while it waits, `response` says when to ask again."""
    ahead = 0
    if verification.state == VerificationState.WAITING:
        ahead = files_ahead(verification)
        response["Retry-After"] = str(ask_again_after_s(ahead))
    return {
        "id": verification.id,
        "state": verification.state,
        "files_ahead": ahead,
        "verdict": verification.verdict,
        "problem": verification.problem,
    }


@router.get(
    "/evidence/{rendition_id}",
    auth=None,
    response={200: EvidenceOut, 404: Problem, 409: Problem, 429: Problem},
    summary="Everything to check a video without us",
)
def get_evidence(request: HttpRequest, rendition_id: str) -> EvidenceJson:
    """Manifest, log entries with their proofs, and checkpoint of a released video; binary parts in Base64.

    `python -m provenance.offline` checks a file with it.
    """
    count_public_call(request)
    return evidence.evidence_bundle(rendition_id)


@router.get(
    "/verification-keys",
    auth=None,
    response=VerificationKeysOut,
    summary="The public keys to check videos and log with",
)
def get_verification_keys(request: HttpRequest) -> dict[str, str]:
    """The log's public key and the roots of signers and time-stamps.

    Take them once over a way you trust, and keep them: a check with keys fetched anew proves only what the
    fetching proves.
    """
    return evidence.pinned_keys().to_json()
