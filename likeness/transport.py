"""HTTP as the client and the log reader need it: one base address, one key, refusals as exceptions."""

from __future__ import annotations

from typing import Any

import requests
from requests.auth import AuthBase

from likeness.errors import AnswerUnreadable, ServiceRefusal, ServiceUnreachable

CONNECT_TIMEOUT_S = 10.0
PIECE_BYTES = 1 << 16


class _Bearer(AuthBase):
    """An API key in its header. As `auth` and not as a header, so that no `.netrc` takes its place."""

    def __init__(self, api_key: str | None) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._api_key:
            request.headers["Authorization"] = f"Bearer {self._api_key}"
        return request


class Transport:
    """Calls below `base_url`. Redirects are not followed: they would take uploads or the key elsewhere."""

    def __init__(self, base_url: str, *, api_key: str | None = None, timeout_s: float = 90.0) -> None:
        """`timeout_s` is how long the service may be silent. Raises ValueError for what can be no key."""
        self._base_url = base_url.rstrip("/")
        api_key = api_key.strip() if api_key else None  # files end with a line break
        if api_key and not (api_key.isascii() and api_key.isprintable()):
            raise ValueError("The API key has characters that no key has.")  # without them: it is a secret
        self._timeout = (CONNECT_TIMEOUT_S, timeout_s)
        self._session = requests.Session()
        self._session.auth = _Bearer(api_key)

    def send(
        self, method: str, path: str, *, timeout_s: float | None = None, **arguments: Any
    ) -> requests.Response:
        """One call; `arguments` are those of `requests`, `timeout_s` is instead of the transport's.

        Raises `ServiceUnreachable`, `ServiceRefusal`.
        """
        timeout = self._timeout if timeout_s is None else (CONNECT_TIMEOUT_S, timeout_s)
        try:
            response = self._session.request(
                method,
                f"{self._base_url}{path}",
                timeout=timeout,
                allow_redirects=False,
                **arguments,
            )
            if not 200 <= response.status_code < 300:
                raise _refusal(response)
        except (requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema) as error:
            raise ServiceUnreachable(
                f"{self._base_url} is no address: it has to begin with http:// or https://."
            ) from error
        except requests.RequestException as error:
            raise self._unreachable(error) from error
        return response

    def json(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        """One call that is answered with a JSON object. Raises what `send` does, and `AnswerUnreadable`."""
        return json_answer(self.send(method, path, **arguments))

    def read(self, path: str, *, limit_bytes: int) -> bytes:
        """The body at `path`. Raises what `send` does, and `AnswerUnreadable` if there is more of it."""
        content = bytearray()
        with self.send("GET", path, stream=True) as response:
            try:
                for piece in response.iter_content(PIECE_BYTES):
                    content += piece
                    if len(content) > limit_bytes:
                        raise AnswerUnreadable(f"{path} is longer than {limit_bytes} bytes.")
            except requests.RequestException as error:
                raise self._unreachable(error) from error
        return bytes(content)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _unreachable(self, error: requests.RequestException) -> ServiceUnreachable:
        return ServiceUnreachable(f"{self._base_url} does not answer ({type(error).__name__}).")


def json_answer(response: requests.Response) -> dict[str, Any]:
    """The JSON object in an answer. Raises `AnswerUnreadable`."""
    try:
        values = response.json()
    except ValueError as error:
        raise AnswerUnreadable from error
    if not isinstance(values, dict):
        raise AnswerUnreadable
    return values


def retry_after_s(response: requests.Response) -> float | None:
    """How long the service asks to wait, if it says so in seconds."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


def _refusal(response: requests.Response) -> ServiceRefusal:
    """From problem details (RFC 9457), or from an answer that has none."""
    wait_s = retry_after_s(response)
    try:
        problem = json_answer(response)
        refusal = ServiceRefusal(
            str(problem["title"]),
            code=str(problem["code"]),
            status=response.status_code,
            hint=str(problem["hint"]),
            retry_after_s=wait_s,
        )
        if isinstance(problem.get("details"), dict):
            refusal.details = problem["details"]
        return refusal
    except (AnswerUnreadable, KeyError):
        return ServiceRefusal(
            f"The service answered {response.status_code} without saying why.",
            status=response.status_code,
            retry_after_s=wait_s,
        )
