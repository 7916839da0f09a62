"""C2PA's Soft Binding Resolution API: from a watermark, or a file that lost its credentials, to its manifest.

Paths, parameters and answers are those of the specification's OpenAPI document (version 1.0.0, published
with C2PA 2.2), and the discovery that C2PA 2.4 adds. Fetching by reference, a later addition, is left out:
it has the server call addresses that strangers name.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router

from provenance.api.problem_schemas import Problem
from provenance.api.resolution_schemas import (
    SPECIFICATION_VERSION,
    AlgorithmList,
    Capabilities,
    QueryResult,
    ServiceStatus,
    SoftBindingQuery,
)
from provenance.common.errors import CodedError, InvalidInput, NotFound
from provenance.common.rate_limit import count_public_call, count_verified_file
from provenance.common.uploads import received_body
from provenance.fingerprints.sound.fingerprint import ALGORITHM as SOUND_ALGORITHM
from provenance.fingerprints.sound.fingerprint import SoundFingerprint
from provenance.manifest.jumbf import active_manifest_store
from provenance.selectors import evidence
from provenance.selectors.log import LogDamaged
from provenance.selectors.signed_head import require_log_goes_on
from provenance.services.recorded_sounds import records_of_fingerprint
from provenance.services.verify import verify_file
from provenance.verify.reader.reader_pool import HURRIED_S
from provenance.watermark import ALGORITHM, ALGORITHMS

MANIFEST_TYPE = "application/c2pa"
LONGEST_QUERY_VALUE = 2048
LONGEST_FINGERPRINT = 64_000  # bytes: ten minutes
_MANIFEST_ID = re.compile(r"urn:(c2pa|uuid):[A-Za-z0-9:._-]{1,180}")
_ASSET = {
    "requestBody": {
        "required": True,
        "content": {
            f"{kind}/*": {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image", "audio", "video")
        },
    }
}

MaxResults = Annotated[int, Query(ge=1, alias="maxResults", description="At most so many matches.")]
router = Router(tags=["matches"])


class QueryTooLong(CodedError):
    """The value is too long for an address."""

    code = "query_too_long"
    status = 414
    message = "The value is too long for a query."
    hint = "Send it with POST /v1/matches/byBinding."


@router.get(
    "/matches/byBinding",
    auth=None,
    response={200: QueryResult, 414: Problem, 429: Problem},
    exclude_none=True,
    summary="Manifests of a soft binding",
)
def query_by_binding(
    request: HttpRequest, value: str, alg: str, max_results: MaxResults = 10
) -> dict[str, object]:
    """Look up the manifest that a watermark's value (Base64) leads to."""
    count_public_call(request)
    if len(value) > LONGEST_QUERY_VALUE:
        raise QueryTooLong
    return _result(_by_binding(alg, value), max_results)


@router.post(
    "/matches/byBinding",
    auth=None,
    response={200: QueryResult, 429: Problem},
    exclude_none=True,
    summary="Manifests of a long soft binding",
)
def query_by_large_binding(
    request: HttpRequest, query: SoftBindingQuery, max_results: MaxResults = 10
) -> dict[str, object]:
    """As the query, for values that do not fit into an address."""
    count_public_call(request)
    return _result(_by_binding(query.alg, query.value), max_results)


@router.post(
    "/matches/byContent",
    auth=None,
    response={200: QueryResult, 415: Problem, 429: Problem},
    exclude_none=True,
    openapi_extra=_ASSET,
    summary="Manifests of a file",
)
def query_by_content(
    request: HttpRequest,
    alg: str = ALGORITHM,
    max_results: MaxResults = 10,
    hint_alg: Annotated[str, Query(alias="hintAlg")] = "",
    hint_value: Annotated[str, Query(alias="hintValue")] = "",
) -> dict[str, object]:
    """Look for our watermark in a file of up to 100 MB, which is the body of the request; then as by binding.

    The hint is followed when the file leads nowhere. The file is deleted as soon as the answer is there.
    """
    count_verified_file(request)
    if alg not in ALGORITHMS.values():
        return _result([], max_results)
    with received_body(request) as path:
        verdict = verify_file(path, hurried_s=HURRIED_S)
    # What the verdict does not name, this does not either.
    records = [verdict.record, *(verdict.signals.by_other_marks if verdict.record else ())]
    found = [record.manifest_label for record in records if record and record.manifest_label]
    return _result(found or _by_binding(hint_alg, hint_value), max_results)


@router.get(
    "/manifests/{manifestId}",
    auth=None,
    response={404: Problem, 429: Problem},
    summary="A manifest store",
    openapi_extra={
        "responses": {200: {"description": "The store", "content": {MANIFEST_TYPE: {}}}},
    },
)
def get_manifest(
    request: HttpRequest,
    manifest_id: Annotated[str, Path(alias="manifestId")],
    is_active_wanted: Annotated[bool, Query(alias="returnActiveManifest")] = False,
) -> HttpResponse:
    """The manifest store whose active manifest has this label, or with `returnActiveManifest` that one alone.

    It fits only the file it was made for. For a file that lost it, it says what the video was when it left.
    """
    count_public_call(request)
    if not _MANIFEST_ID.fullmatch(manifest_id):
        raise InvalidInput("This is no label of a manifest.", status=400, hint="It begins with urn:c2pa:.")
    store = evidence.published_manifest(manifest_id)
    if store is None:
        raise NotFound(
            "There is no manifest under that label.", hint="Check that the whole label was copied."
        )
    return HttpResponse(
        active_manifest_store(store) if is_active_wanted else store, content_type=MANIFEST_TYPE
    )


@router.get(
    "/services/supportedAlgorithms",
    auth=None,
    response=AlgorithmList,
    summary="Soft bindings that are understood here",
)
def get_supported_bindings(request: HttpRequest) -> dict[str, object]:
    """The names under which soft bindings can be looked up."""
    return {
        "watermarks": [{"alg": alg} for alg in reversed(ALGORITHMS.values())],
        "fingerprints": [{"alg": SOUND_ALGORITHM}],
    }


@router.get("/services/capabilities", auth=None, response=Capabilities, summary="What can be asked here")
def get_capabilities(request: HttpRequest) -> dict[str, object]:
    """Which of the specification's optional calls there are: by content, and none that stores anything."""
    return {"c2paSpecificationVersion": SPECIFICATION_VERSION, "supportedCapabilities": ["queryByContent"]}


@router.get(
    "/services/status",
    auth=None,
    response={200: ServiceStatus, 429: Problem},
    summary="Whether resolution works",
)
def get_status(request: HttpRequest) -> dict[str, str]:
    """Whether manifests can be looked up. While the log stands still they can, and nothing new is added."""
    count_public_call(request)
    try:
        require_log_goes_on()
        status = "ok"
    except (LogDamaged, ImproperlyConfigured):
        status = "degraded"
    return {"status": status, "timestamp": timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")}


def _by_binding(alg: str, value: str) -> list[str]:
    """Labels of the manifests that a soft binding leads to. Raises InvalidInput for what is no Base64."""
    try:
        payload = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("The value is not Base64.", status=400, hint="Standard Base64, padded.") from error
    if alg == SOUND_ALGORITHM:
        return _by_sound(payload)
    version = next((number for number, name in ALGORITHMS.items() if name == alg), None)
    if version is None or not payload:
        return []
    label = evidence.published_label(watermark_id=payload.hex(), watermark_version=version)
    return [label] if label else []


def _by_sound(payload: bytes) -> list[str]:
    if len(payload) > LONGEST_FINGERPRINT:
        return []
    try:
        sound = SoundFingerprint.from_bytes(payload)
    except ValueError as error:
        raise InvalidInput(
            "The value is no sound fingerprint.", status=400, hint="docs/verify.md says how one is made."
        ) from error
    return [one.manifest_label for one in records_of_fingerprint(sound) if one.manifest_label]


def _result(labels: list[str], most: int) -> dict[str, object]:
    found = dict.fromkeys(labels)
    return {"matches": [{"manifestId": label, "similarityScore": 100} for label in list(found)[:most]]}
