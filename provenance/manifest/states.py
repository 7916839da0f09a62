"""States and result type of reading Content Credentials, without the native library."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provenance.manifest.tree import ManifestNode

# The media type of manifests by themselves, as they lie beside a file or come from a repository.
STORE_ALONE = "application/c2pa"
# What is wrong with a certificate says nothing about the content.
CERTIFICATE_CODES = {
    f"signingCredential.{fault}" for fault in ("expired", "invalid", "revoked", "untrusted", "ocsp.revoked")
}


class ManifestState(StrEnum):
    """How far the credentials of a file can be believed. `detached` ones are by themselves: well signed, and
    about a file that is not here.
    """

    NONE = "none"
    UNREADABLE = "unreadable"
    REMOTE_ONLY = "remote_only"
    DETACHED = "detached"
    INVALID = "invalid"
    VALID_UNTRUSTED = "valid_untrusted"
    TRUSTED_OTHER = "trusted_other"
    TRUSTED_OURS = "trusted_ours"


@dataclass(frozen=True)
class ManifestReading:
    """The credentials of one file. Everything but `state` and the `is_` flags is text out of the file itself.

    `is_signed_by_us`: the claim's own signature holds and chains to our root, whatever else is wrong. Only
    then are `rendition_id` and `watermark_value` ours to believe, and they are about the file the claim was
    made for. `is_edited`: this was edited here after it was made, and `rendition_id` is that of the video
    that was edited; never so unless our own signature holds over this very content. `is_time_stamped`: a
    server that we trust vouches for `signed_at`.
    """

    state: ManifestState
    codes: tuple[str, ...] = ()
    is_signed_by_us: bool = False
    is_edited: bool = False
    is_time_stamped: bool = False
    label: str | None = None
    title: str | None = None
    signer_name: str | None = None
    signer_serial: str | None = None
    generator: str | None = None
    digital_source_type: str | None = None
    signed_at: str | None = None
    rendition_id: str | None = None
    watermark_algorithm: str | None = None
    watermark_value: str | None = None
    ingredient_codes: tuple[str, ...] = ()
    tree: ManifestNode | None = None
