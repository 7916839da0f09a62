#!/usr/bin/env python
"""Likeness's command line."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db.utils import OperationalError, ProgrammingError

# What SQLite and PostgreSQL say of a database that was not migrated.
NO_TABLES = ("no such table", "no such column", "does not exist")


def main() -> None:
    """Run the command; end with a sentence where the installation is not made yet, or is an older one."""
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"{error}")
    except (OperationalError, ProgrammingError) as error:
        if "--traceback" in sys.argv or not any(words in str(error) for words in NO_TABLES):
            raise
        sys.exit(
            "The database has not the tables of this version. Run `manage.py setup` first, and check that "
            "LIKENESS_DATA_DIR or LIKENESS_DATABASE_URL names the one that is meant."
        )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    main()
