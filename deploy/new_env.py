"""Print an environment for deploy/compose.yaml with fresh secrets: `new_env.py HOST OPERATOR-EMAIL`.

Needs Python alone. Run it once: another run makes other secrets, which open nothing of the first ones.
"""

from __future__ import annotations

import re
import secrets
import sys

NAME = re.compile(r"[A-Za-z0-9.-]+", re.ASCII)
MAIL = re.compile(r"[^\s@$'\"#]+@[^\s@$'\"#]+")


def main(arguments: list[str]) -> int:
    """Print the lines, or say how this is called."""
    if len(arguments) != 2 or not NAME.fullmatch(arguments[0]) or not MAIL.fullmatch(arguments[1]):
        print("usage: new_env.py HOST OPERATOR-EMAIL > deploy/.env", file=sys.stderr)
        return 2
    host, operator = arguments
    print("# Secrets: readable by you alone (chmod 600), and in your backup.")
    for name, value in {
        "LIKENESS_HOST": host,
        "LIKENESS_OPERATOR": operator,
        "LIKENESS_PROVIDER_NAME": host,
        "LIKENESS_LOG_ORIGIN": f"{host}/log",
        "LIKENESS_FROM_EMAIL": f"likeness@{host}",
        "LIKENESS_SECRET_KEY": secrets.token_urlsafe(48),
        "LIKENESS_METRICS_TOKEN": secrets.token_urlsafe(32),
        "POSTGRES_PASSWORD": secrets.token_hex(24),
        "VALKEY_PASSWORD": secrets.token_hex(24),
        "S3_SECRET_KEY": secrets.token_hex(24),
    }.items():
        print(f"{name}={value}")
    print("# smtp+tls://user:password@host:587; without one, `--profile trial` catches all mail:")
    print("# LIKENESS_SMTP_URL=")
    print("# RFC 3161 servers, comma-separated; without one no video is signed:")
    print("# LIKENESS_TIMESTAMP_SERVERS=")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
