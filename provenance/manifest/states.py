"""States and result type of reading Content Credentials, without the native library."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provenance.manifest.findings.causes import UNKNOWN_SIGNER, Cause, by_cause
from provenance.manifest.findings.identity import IdentityState
from provenance.manifest.tree import ManifestNode

# The media type of manifests by themselves, as they lie beside a file or come from a repository.
STORE_ALONE = "application/c2pa"


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


class InputState(StrEnum):
    """How far the credentials of an input can be believed, validated here without the input."""

    OURS = "ours"
    KNOWN_SIGNER = "known_signer"
    UNKNOWN_SIGNER = "unknown_signer"
    INVALID = "invalid"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True)
class InputReading:
    """The manifest of something that a file was made from, directly or by way of another input.

    `relationship`: how the manifest above it uses it (`parentOf`, `componentOf`, `inputTo`). `codes`: what
    was found wrong with it here; of its content, what the tool that used it wrote down. `recorded`: all that
    the tools that used it wrote down. `digital_source_type`: what a parent says of how it came about.
    `is_bound`: its content binding fits the file, as under a manifest that updates it and leaves the content
    alone. `rendition_id`: which of our videos it is about, in a state of `ours` only.
    """

    label: str
    relationship: str | None
    state: InputState
    codes: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    digital_source_type: str | None = None
    is_bound: bool = False
    rendition_id: str | None = None


@dataclass(frozen=True)
class ManifestReading:
    """The credentials of one file. Everything but `state` and the `is_` flags is text out of the file itself.

    `is_signed_by_us`: the claim's own signature holds and chains to our root, whatever else is wrong. Only
    then are `rendition_id` and `watermark_value` ours to believe, and they are about the file the claim was
    made for. `is_edited`: this was edited here after it was made, and `rendition_id` is that of the video
    that was edited; never so unless our own signature holds over this very content. `is_time_stamped`: a
    server that we trust vouches for `signed_at`. `is_content_bound`: signature and content binding hold,
    whoever signed. `is_part`: the file is one part of a video in several, so that the content cannot be
    checked without the others. `is_unbound`: the content binding cannot be followed, so that the content was
    not compared. `is_media_excluded`: the content binding leaves the media of an MP4 out. `inputs`: the
    manifests inside, the nearest first. `is_there`: False of unreadable ones where nothing in the file says
    that there are any.
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
    is_content_bound: bool = False
    is_part: bool = False
    is_unbound: bool = False
    is_media_excluded: bool = False
    identity: IdentityState | None = None
    inputs: tuple[InputReading, ...] = ()
    is_there: bool = True

    @property
    def causes(self) -> dict[Cause, tuple[str, ...]]:
        """What is wrong with the credentials, by cause, the gravest first.

        Where they are invalid and nothing else is wrong, an input is; where there are none, nothing is.
        """
        if self.state is ManifestState.NONE:
            return {}
        causes = by_cause(self.codes)
        if (self.is_part or self.is_unbound) and Cause.CONTENT in causes:
            cause = Cause.INCOMPLETE if self.is_part else Cause.POLICY
            codes = {*causes.pop(Cause.CONTENT), *causes.pop(cause, ())}
            causes = {one: causes.get(one, ()) for one in Cause if one in causes or one is cause}
            causes[cause] = tuple(sorted(codes))
        if self.state is ManifestState.INVALID and not set(causes) - {Cause.IDENTITY}:
            causes = {Cause.INPUT: tuple(sorted({*self.ingredient_codes} - UNKNOWN_SIGNER)), **causes}
        return causes
