"""Signs with a key that never leaves AWS KMS (or a service with the same API).

Chosen with `LIKENESS_SIGNING_CALLBACK=provenance.services.aws_kms.sign`. It is the pattern for every other
key service: one function that takes the bytes to be signed and returns an ECDSA signature on P-256 with
SHA-256, as DER or as r || s. Whatever it raises fails the job as `signing_failed`, with the real reason in
the process log.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

ALGORITHM = "ECDSA_SHA_256"
LARGEST_RAW_BYTES = 4096  # what the service takes unhashed
# A video waits for this; a service that hangs must not hold a worker for minutes.
_TIMES = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 3, "mode": "standard"})


def sign(data: bytes) -> bytes:
    """The DER-encoded signature over `data` by the key that LIKENESS_KMS_KEY_ID names."""
    if not settings.LIKENESS_KMS_KEY_ID:
        raise ImproperlyConfigured("Set LIKENESS_KMS_KEY_ID to the id, ARN or alias of the signing key.")
    is_small = len(data) <= LARGEST_RAW_BYTES
    answer = _client(settings.LIKENESS_KMS_ENDPOINT_URL, settings.LIKENESS_KMS_REGION).sign(
        KeyId=settings.LIKENESS_KMS_KEY_ID,
        Message=data if is_small else hashlib.sha256(data).digest(),
        MessageType="RAW" if is_small else "DIGEST",
        SigningAlgorithm=ALGORITHM,
    )
    return bytes(answer["Signature"])


@cache
def _client(endpoint_url: str, region: str) -> Any:
    return boto3.client("kms", endpoint_url=endpoint_url or None, region_name=region or None, config=_TIMES)
