"""The reference page of commands: what `manage.py` can do, from the commands' own parsers."""

from __future__ import annotations

import argparse

from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

APPS = ("accounts", "config", "generation", "provenance")
# Taken by every command of Django, and described there.
DJANGO = {arg.dest for arg in BaseCommand().create_parser("manage.py", "none")._actions}


def commands_page() -> str:
    """Every management command of our own apps: help, usage, arguments."""
    parts = [
        "# Management commands\n",
        "Run in the checkout as `python manage.py NAME`. Django's own options are taken too.\n",
    ]
    for name, app in sorted(get_commands().items()):
        if app in APPS:
            parts.append(_command(name, load_command_class(app, name)))
    return "\n".join(parts)


def _command(name: str, command: BaseCommand) -> str:
    parser = command.create_parser("manage.py", name)
    own = [action for action in parser._actions if action.dest not in DJANGO]
    rows = "".join(
        f"| `{', '.join(action.option_strings) or action.dest}` | {_cell(action)} |\n" for action in own
    )
    table = f"\n| argument | meaning |\n|---|---|\n{rows}" if rows else ""
    return f"## `{name}`\n\n{command.help}\n{table}"


def _cell(action: argparse.Action) -> str:
    text = (action.help or "").replace("|", "\\|")
    if action.choices:
        text += f" One of {', '.join(f'`{choice}`' for choice in action.choices)}."
    return text.strip()
