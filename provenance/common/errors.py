"""Coded errors: refusals with a stable code, a sentence for a person and a hint for what to do next."""

from __future__ import annotations

import errno
from typing import ClassVar


def gettext_noop(sentence: str) -> str:
    """The sentence as it is, marked for the catalogues of translations, where Django is not to be loaded.

    `{names}` in it stand for values, which `str.format` puts in: whoever shows the sentence finds them again.
    """
    return sentence


class CodedError(Exception):
    """Base of every refusal the service gives.

    Subclasses set the four class attributes; a caller may override the sentence or hint for one case. The API
    answers with RFC 9457 problem details built from them, pages show the sentence and the hint.
    """

    code: str = "internal"
    status: int = 500
    message: str = "Something went wrong on our side."
    hint: str = "Try again; if it happens again, report the time it happened."

    registry: ClassVar[dict[str, type[CodedError]]] = {}

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        CodedError.registry.setdefault(cls.code, cls)

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        status: int | None = None,
        hint: str | None = None,
    ) -> None:
        self.code = code or type(self).code
        self.status = status or type(self).status
        self.message = message or type(self).message
        self.hint = hint if hint is not None else type(self).hint
        # What a program can use beyond the code, as JSON; empty for most refusals.
        self.details: dict[str, object] = {}
        super().__init__(self.message)

    def to_problem(self, *, instance: str = "") -> dict[str, object]:
        """The RFC 9457 problem details of this refusal."""
        problem: dict[str, object] = {
            "type": f"urn:likeness:problem:{self.code}",
            "title": self.message,
            "status": self.status,
            "code": self.code,
            "hint": self.hint,
        }
        if self.details:
            problem["details"] = self.details
        if instance:
            problem["instance"] = instance
        return problem


class NotFound(CodedError):
    """The thing does not exist, or is not the caller's: from outside these look the same."""

    code = "not_found"
    status = 404
    message = "There is nothing here under that id."
    hint = "Check the id, and that it belongs to the organisation that you ask for."


class InvalidInput(CodedError):
    """A field has a value outside what it may hold."""

    code = "invalid_input"
    status = 422
    message = "The request has a field that cannot be used."
    hint = "See the message for the field and what it may hold."


class OutOfSpace(CodedError):
    """A disk of ours is full."""

    code = "out_of_space"
    status = 507
    message = "There is no disk space left to work on this."
    hint = "This is a fault of the service, not of the request. Try again later."


def is_out_of_space(error: BaseException | None) -> bool:
    """Whether the system refused to write because a disk or a quota is full."""
    return getattr(error, "errno", None) in {errno.ENOSPC, errno.EDQUOT}
