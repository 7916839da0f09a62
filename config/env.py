"""Typed readers of environment variables: a wrong value stops the start with a sentence that names it.

Whatever can take only certain values is read by a function that knows them: truth values, numbers with a
range, choices, addresses, names with a pattern. What is read as plain text (`env_str`) may be any text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

WEB_SCHEMES = ("http", "https")
# Addresses of these schemes name a file or a database by their path; all others name a host.
_NAMED_BY_PATH = frozenset({"sqlite", "postgresql", "postgres", "redis+socket"})
_FUNCTION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
_HOST = re.compile(r"\*|\[[0-9A-Fa-f:.]+\]|\.?[\w-]+(\.[\w-]+)*\.?", re.ASCII)


def env_str(name: str, default: str = "") -> str:
    """The variable as text. For what has a fixed set of values or a form, use one of the other readers."""
    return os.environ.get(name, default)


def env_text(name: str, default: str, *, pattern: str, rule: str) -> str:
    """The variable as text that matches `pattern` as a whole; `rule` says after "must be" what that means."""
    value = os.environ.get(name, default)
    if not re.fullmatch(pattern, value):
        raise ImproperlyConfigured(f"{name} must be {rule}, not {value!r}.")
    return value


def env_choice(name: str, default: str, *, choices: Sequence[str]) -> str:
    """The variable as one of `choices`, in their spelling; upper and lower case are taken for the same."""
    value = os.environ.get(name, default)
    for choice in choices:
        if value.lower() == choice.lower():
            return choice
    raise ImproperlyConfigured(f"{name} must be {_any_of(choices)}, not {value!r}.")


def env_bool(name: str, *, default: bool) -> bool:
    """The variable as a truth value: 1/0, true/false, yes/no, on/off."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def env_choices(name: str, default: str, *, choices: Sequence[str]) -> list[str]:
    """The variable as a list of comma-separated words, at least one, each one of `choices`."""
    words = env_list(name, default)
    for word in words or [""]:
        if word not in choices:
            raise ImproperlyConfigured(f"{name} must list one or more of {', '.join(choices)}, not {word!r}.")
    return words


def env_int(
    name: str, default: int, *, minimum: int = 0, maximum: int | None = None, multiple_of: int = 1
) -> int:
    """The variable as a whole number from `minimum` to `maximum`, both included."""
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if number < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum}, not {number}.")
    if maximum is not None and number > maximum:
        raise ImproperlyConfigured(f"{name} must be at most {maximum}, not {number}.")
    if number % multiple_of:
        raise ImproperlyConfigured(f"{name} must be a multiple of {multiple_of}, not {number}.")
    return number


def env_list(name: str, default: str = "") -> list[str]:
    """The variable as a list of comma-separated, non-empty words."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def env_hosts(name: str, default: str) -> list[str]:
    """The variable as a list of host names as Django compares them: no scheme, no port, no path."""
    hosts = env_list(name, default)
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise ImproperlyConfigured(
                f"{name} must list host names without scheme, port or path, not {host!r}."
            )
    return hosts


def env_weights(name: str, *, maximum: int) -> dict[str, int]:
    """The variable as comma-separated pairs such as `prt_a=3`, with whole numbers from 1 to `maximum`."""
    weights: dict[str, int] = {}
    for pair in env_list(name):
        word, _, number = pair.partition("=")
        if not word or not re.fullmatch(r"[1-9]\d{0,5}", number, re.ASCII) or int(number) > maximum:
            raise ImproperlyConfigured(
                f"{name} must list pairs such as prt_a=3, with numbers from 1 to {maximum}, not {pair!r}."
            )
        if word in weights:
            raise ImproperlyConfigured(f"{name} names {word!r} twice.")
        weights[word] = int(number)
    return weights


def env_path(name: str, default: Path) -> Path:
    """The variable as an absolute path."""
    value = os.environ.get(name)
    return Path(value).resolve() if value else default


def env_function(name: str) -> str:
    """The variable as the dotted path of a function, or nothing; it is imported when it is first called."""
    value = os.environ.get(name, "")
    if value and not _FUNCTION.fullmatch(value):
        raise ImproperlyConfigured(f"{name} must be the dotted path of a function, not {value!r}.")
    return value


def env_url(name: str, default: str = "", *, schemes: Sequence[str] = WEB_SCHEMES) -> str:
    """The variable as an address with one of `schemes`, or nothing if it and `default` are empty."""
    return _checked_url(name, os.environ.get(name, default), schemes)


def env_origin(name: str, default: str) -> str:
    """The variable as the address of a web server: http or https, host and port, and nothing after them."""
    value = env_url(name, default).rstrip("/")
    parts = urlsplit(value)
    if not value or parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ImproperlyConfigured(f"{name} must be scheme and host alone, such as {default}.")
    return value


def env_urls(name: str, *, schemes: Sequence[str] = WEB_SCHEMES) -> list[str]:
    """The variable as a list of comma-separated addresses with one of `schemes`."""
    return [_checked_url(name, value, schemes) for value in env_list(name)]


def env_secret(name: str, default: str = "") -> str:
    """The secret in NAME, or in the file that NAME_FILE points to. Having both set is an error."""
    value, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value and file:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if file:
        try:
            return Path(file).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}.") from error
    return value or default


def env_secret_url(name: str, default: str = "", *, schemes: Sequence[str]) -> str:
    """As `env_url`, for an address that may hold a password: from NAME, or from the file in NAME_FILE."""
    return _checked_url(name, env_secret(name, default), schemes)


def refuse_without(required: str, names: Iterable[str]) -> None:
    """Refuse those of the variables `names` that are set while `required`, which they belong to, is not."""

    def is_set(name: str) -> bool:
        return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))

    lonely = [name for name in names if is_set(name)]
    if lonely and not is_set(required):
        raise ImproperlyConfigured(f"{lonely[0]} is set without {required}: it would have no effect.")


def _checked_url(name: str, value: str, schemes: Sequence[str]) -> str:
    # The value is not repeated in the refusal: it may hold a password, and refusals go into logs.
    if not value:
        return value
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises ValueError for what is no port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not an address: {error}.") from None
    if parts.scheme not in schemes:
        starts = [f"{scheme}://" for scheme in schemes]
        raise ImproperlyConfigured(f"{name} must begin with {_any_of(starts)}.")
    if parts.scheme in _NAMED_BY_PATH:
        if not parts.path.strip("/"):
            raise ImproperlyConfigured(f"{name} must end with a path or name after {parts.scheme}://.")
    elif not parts.hostname:
        raise ImproperlyConfigured(f"{name} must name a host after {parts.scheme}://.")
    return value


def _any_of(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]
