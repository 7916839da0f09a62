"""Coded refusals of resumable uploads."""

from __future__ import annotations

from provenance.common.errors import CodedError


class UploadTooLarge(CodedError):
    """More bytes than any file may have here."""

    code = "upload_too_large"
    status = 413
    message = "The upload is larger than 100 MB, or longer than it was announced."
    hint = "OPTIONS /v1/uploads says in Tus-Max-Size how large one may be."


class UploadOffsetDiffers(CodedError):
    """The piece does not begin where the upload ends."""

    code = "upload_offset_differs"
    status = 409
    message = "The piece does not begin where the upload ends."
    hint = "Ask with HEAD for Upload-Offset, and go on from there."


class UploadPieceTooSmall(CodedError):
    """The upload would have thousands of pieces."""

    code = "upload_piece_too_small"
    status = 422
    message = "A piece that does not end the upload has fewer than 256 KiB."
    hint = "Send pieces of 1 to 16 MiB."


class UploadIncomplete(CodedError):
    """A call was to use an upload that is not whole."""

    code = "upload_incomplete"
    status = 409
    message = "The upload has not arrived whole."
    hint = "Ask with HEAD for Upload-Offset, send the rest, and then use it."


class TooManyUploads(CodedError):
    """The partner has begun many uploads within an hour and finished none."""

    code = "too_many_uploads"
    status = 429
    message = "Twenty of your uploads are open; more are not taken."
    hint = "Use them or delete them, or try again later: one without a piece for an hour makes room."
    retry_after_s = 600


class TusVersionUnknown(CodedError):
    """The request is not of the protocol's version 1.0.0."""

    code = "tus_version_unknown"
    status = 412
    message = "The request does not say that it follows version 1.0.0 of tus."
    hint = "Send the header Tus-Resumable: 1.0.0."


class UploadMediaUnsupported(CodedError):
    """A piece is sent as something else."""

    code = "upload_media_unsupported"
    status = 415
    message = "A piece of an upload has another content type."
    hint = "Send it with Content-Type: application/offset+octet-stream."
