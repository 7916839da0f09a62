"""Verification for programs: no key, no account, the same verdict as on the page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from provenance import selectors
from provenance.rate_limit import count_verified_file
from provenance.services.verify import verify_file
from provenance.uploads import received_file
from provenance.verify_schemas import EvidenceOut, VerdictOut, VerificationKeysOut

router = Router(tags=["verify"])

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


@router.post(
    "/verify",
    auth=None,
    response=VerdictOut,
    openapi_extra=_UPLOAD,
    summary="Where does this file come from?",
)
def post_verify(request: HttpRequest) -> dict[str, Any]:
    """Verify a video, picture or sound of up to 100 MB.

    The file is deleted as soon as the verdict is there.
    """
    count_verified_file(request)
    with received_file(request) as path:
        return verify_file(path).to_json()


@router.get(
    "/evidence/{rendition_id}",
    auth=None,
    response=EvidenceOut,
    summary="Everything to check a video without us",
)
def get_evidence(request: HttpRequest, rendition_id: str) -> dict[str, Any]:
    """Manifest, log entries with their proofs, and checkpoint of a released video; binary parts in Base64.

    `python -m provenance.offline` checks a file with it.
    """
    return selectors.evidence(rendition_id)


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
    return selectors.pinned_keys().to_json()
