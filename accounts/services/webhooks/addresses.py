"""Which addresses messages may be sent to: none inside a private network, on no way there.

Whoever names an address could otherwise have the service call what only the service can reach. A name is
resolved once, every address it has must be public, and the connection goes to the address that was looked at.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_noop as _

from accounts.webhook_errors import WebhookAddressRefused
from provenance.common.readable_text import require_readable

LONGEST = 500
_PORTS = {"https": 443, "http": 80}
# Each holds an IPv4 address that may be a private one (RFC 6052, RFC 8215, RFC 3056, RFC 4380).
_WRAPPING = [
    ipaddress.IPv6Network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]


@dataclass(frozen=True)
class Target:
    """Where a message goes: the parts of an address, and the machines that its host name means now."""

    scheme: str
    host: str
    port: int
    path: str
    machines: tuple[str, ...]

    @property
    def named(self) -> str:
        """Host and port as a `Host` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def resolve(url: str) -> Target:
    """Look at an address and find the machines behind it. Raises `WebhookAddressRefused`.

    A service on localhost alone also sends to localhost, and without encryption, so that webhooks can be
    tried.
    """
    parts = _parts(url)
    scheme, host, port, path = parts
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WebhookAddressRefused(_("The host name of this address cannot be found.")) from error
    machines = tuple(dict.fromkeys(str(address[4][0]) for address in found))
    if not machines or not all(_may_be_called(machine) for machine in machines):
        raise WebhookAddressRefused(_("This address leads into a private network."))
    return Target(scheme=scheme, host=host, port=port, path=path, machines=machines)


def _parts(url: str) -> tuple[str, str, int, str]:
    require_readable(url, field="url")
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError as error:
        raise WebhookAddressRefused from error
    schemes = {"https", "http"} if settings.LIKENESS_ON_LOOPBACK else {"https"}
    unusable = (
        split.scheme not in schemes
        or not split.hostname
        or split.username is not None
        or split.password is not None
        or bool(split.fragment)
        or not url.isascii()
        or any(character <= " " or character == "\x7f" for character in url)
        or len(url) > LONGEST
    )
    if unusable or split.hostname is None:
        raise WebhookAddressRefused
    path = (split.path or "/") + (f"?{split.query}" if split.query else "")
    return split.scheme, split.hostname, port or _PORTS[split.scheme], path


def _may_be_called(machine: str) -> bool:
    try:
        address = ipaddress.ip_address(machine.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif any(address in network for network in _WRAPPING):
            return False
    if address.is_loopback:
        return bool(settings.LIKENESS_ON_LOOPBACK)
    return address.is_global and not address.is_multicast
