"""What has failed of the service's own parts, told to callers with a code instead of as an unknown error."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError

from provenance.common.errors import CodedError, OutOfSpace, is_out_of_space

# Classes of SQLSTATE in which the same request can go through later: connection, transaction rolled back,
# resources, locks, shut-down. https://www.postgresql.org/docs/current/errcodes-appendix.html
_PASSING = ("08", "40", "53", "55", "57")
_POSTGRESQL_DISK_FULL = "53100"
_SQLITE_PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_IOERR")


class DatabaseUnavailable(CodedError):
    """The database does not answer, or cannot take this up now."""

    code = "database_unavailable"
    status = 503
    message = "The database does not answer at the moment."
    hint = "This is a fault of the service, not of the request. Try again in a moment."
    retry_after_s = 5


def fault_of(error: BaseException | None) -> CodedError | None:
    """The refusal that tells a caller of a full disk or a missing database; None for any other error."""
    if is_out_of_space(error):
        return OutOfSpace()
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    cause = error.__cause__  # the driver's
    if (name := getattr(cause, "sqlite_errorname", None)) is not None:
        if name == "SQLITE_FULL":
            return OutOfSpace()
        return DatabaseUnavailable() if name.startswith(_SQLITE_PASSING) else None
    state = getattr(cause, "sqlstate", None)
    if state == _POSTGRESQL_DISK_FULL:
        return OutOfSpace()
    # Without a state there was no answer of a server at all.
    return DatabaseUnavailable() if state is None or state.startswith(_PASSING) else None
