"""What the package refuses, each with a stable code, a sentence and a hint.

Refusals by the service itself keep the service's code and arrive as `ServiceRefusal`.
"""

from __future__ import annotations

from provenance.common.errors import CodedError


class FileUnreadable(CodedError):
    """A file that was named cannot be read, or does not hold what it should."""

    code = "file_unreadable"
    status = 400
    message = "A file cannot be read."
    hint = "Check the path and who may read it."


class ServiceUnreachable(CodedError):
    """There was no answer: no such host, no connection, or not in time."""

    code = "service_unreachable"
    status = 503
    message = "The service does not answer."
    hint = "Check the address and the network, then try again."


class AnswerUnreadable(CodedError):
    """There was an answer, but not in the form that the service gives it."""

    code = "answer_unreadable"
    status = 502
    message = "The answer is not one of this service."
    hint = "Check that the address is that of a Likeness service, and which version it runs."


class ServiceRefusal(CodedError):
    """The service said no. `code`, `message`, `hint`, `status` and `details` are the service's own.

    `retry_after_s` is how long the service asks to wait before the next try, where it says so.
    """

    code = "service_refused"
    status = 502
    message = "The service refused without saying why."
    hint = "Check the address; it should lead to the service itself and not to a page before it."

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        status: int | None = None,
        hint: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status, hint=hint)
        self.retry_after_s = retry_after_s


class MessageRejected(CodedError):
    """A message to a webhook is not what the service sent."""

    code = "message_rejected"
    status = 401
    message = "The message is not signed with this secret."
    hint = "Check that the secret is that of this webhook. Do nothing with the message."


class NotLoggedIn(CodedError):
    """A command for partners does not know where the service is, or as whom to call it."""

    code = "not_logged_in"
    status = 401
    message = "There is no service and key to call it with."
    hint = "Run `likeness login URL`, or set LIKENESS_SERVER and LIKENESS_API_KEY."


class LogUnreadable(CodedError):
    """There is no log at the address or in the folder."""

    code = "log_unreadable"
    status = 404
    message = "There is no log here."
    hint = (
        "Name a folder that `manage.py auditlog_export` wrote, or the address of a log. "
        "That of a service's log ends in /v1/log."
    )


class LogRejected(CodedError):
    """Something of the log does not hold: a signature, a hash or a form."""

    code = "log_rejected"
    status = 422
    message = "The log does not hold."
    hint = "`likeness log check` says what is wrong with it. Keep what you have of it and tell its operator."


class CheckpointUnusable(CodedError):
    """The checkpoint that was kept is none of this log."""

    code = "checkpoint_unusable"
    status = 400
    message = "The remembered checkpoint is none of this log."
    hint = "Check that file and key belong to this log. The file was left as it is."
