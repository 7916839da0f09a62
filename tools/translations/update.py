"""Bring the catalogues in locale/ up to date: `make messages`, or `python -m tools.translations.update`.

Adds what is new at the end of each, without a translation, drops what nothing shows any more, compiles all,
and lists what has no translation yet. With --check nothing is written; the status is 1 if anything is
missing, superfluous or not compiled.
"""

from __future__ import annotations

import argparse
import os
import sys

import django

from tools.translations.catalogue import (
    Catalogue,
    CatalogueEntry,
    catalogue_file,
    is_compiled,
    read_catalogue,
    write_catalogue,
)


def main() -> int:
    """The command; see above."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing, fail if anything is not in order"
    )
    is_check = parser.parse_args().check
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - needs Django set up

    from tools.translations.sources import translatable  # noqa: PLC0415

    shown = translatable()
    is_in_order = True
    for code, name in settings.LANGUAGES:
        if code == settings.LANGUAGE_CODE:
            continue
        path = catalogue_file(code)
        catalogue = read_catalogue(path)
        superfluous = [source for source in catalogue.entries if source not in shown]
        bring_up_to_date(catalogue, shown)
        missing = [entry.source for entry in catalogue.entries.values() if not entry.is_translated]
        if not is_check:
            write_catalogue(catalogue, path)
        is_stale = not is_compiled(catalogue, path.with_suffix(".mo"))
        print(f"{name}: {len(catalogue.entries)} sentences, {len(missing)} without a translation")
        for source in missing:
            print(f"  missing: {source}")
        for source in superfluous:
            print(f"  shown nowhere{'' if is_check else ', dropped'}: {source}")
        if is_stale:
            print("  not compiled: run `make messages`")
        is_in_order = is_in_order and not missing and not superfluous and not is_stale
    return 0 if is_in_order or not is_check else 1


def bring_up_to_date(catalogue: Catalogue, shown: dict[str, str]) -> None:
    """Drop the entries that nothing shows, and add those that are missing, without a translation."""
    for source in [source for source in catalogue.entries if source not in shown]:
        del catalogue.entries[source]
    for source, plural in shown.items():
        entry = catalogue.entries.get(source)
        if entry is None or entry.plural != plural:
            forms = catalogue.plural_forms if plural else 1
            catalogue.entries[source] = CatalogueEntry(source, plural, [""] * forms)


if __name__ == "__main__":
    sys.exit(main())
