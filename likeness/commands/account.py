"""`likeness login`: where the service of a partner is, and the key to call it with."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from pathlib import Path

from likeness.client.client import Client
from likeness.commands.outcome import PARTNER_EXIT_CODES, ExitCode, say
from likeness.errors import FileUnreadable, NotLoggedIn, ServiceRefusal

DESCRIPTION = """Keep the address of a service and an API key, for the commands of partners.

The key is read from the terminal, or from standard input if that is none, and never from the arguments,
which other users of the machine can see. It is kept in a file that only you can read;
LIKENESS_SERVER and LIKENESS_API_KEY in the environment come before it."""
SERVER, API_KEY = "LIKENESS_SERVER", "LIKENESS_API_KEY"


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    login = commands.add_parser(
        "login",
        help="keep a service's address and an API key",
        description=DESCRIPTION,
        epilog=PARTNER_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    login.add_argument("server", metavar="URL", help="as https://your.host")
    login.add_argument("--json", action="store_true", help="print JSON")
    login.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> ExitCode:
    """Try the key and keep it. Raises `CodedError`."""
    key = getpass.getpass("API key: ") if sys.stdin.isatty() else sys.stdin.readline()
    with Client(chosen.server, key.strip()) as client:
        try:
            client.usage()
        except ServiceRefusal as refusal:
            if refusal.code != "scope_missing":  # a key for something else is a key
                raise
    path = credentials_path()
    values = json.dumps({"server": chosen.server, "api_key": key.strip()})
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made anew, so that nobody who may read an old one reads the new key.
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(values)
    except OSError as error:
        raise FileUnreadable(f"{path} cannot be written: {error.strerror}.") from error
    say(json.dumps({"server": chosen.server}) if chosen.json else f"Logged in to {chosen.server}.")
    return ExitCode.HOLDS


def credentials_path() -> Path:
    """Where address and key are kept."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path("~/.config").expanduser())
    return Path(home) / "likeness" / "credentials.json"


def logged_in() -> Client:
    """The client of whoever is logged in. Raises `NotLoggedIn`."""
    server, key = os.environ.get(SERVER), os.environ.get(API_KEY)
    if not (server and key):
        try:
            values = json.loads(credentials_path().read_text())
            server, key = server or values["server"], key or values["api_key"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NotLoggedIn from error
    return Client(str(server), str(key))
