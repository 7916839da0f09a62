"""How long an auditor's export takes, and its check: `python -m benchmarks.load.audit_export [--entries N]`.

Fills an SQLite database of its own with a log of that many entries as the service writes them, exports all of
it in both forms as the audit desk does, and checks each file with the package's command, which has the keys
and nothing else of the service. Prints seconds on the clock and of the processor.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORMS = ("jsonl", "csv")


def main() -> None:
    """Fill, export, check, print."""
    arguments = argparse.ArgumentParser(description="Time of an auditor's export.")
    arguments.add_argument("--entries", type=int, default=100_000)
    arguments.add_argument("--export", nargs=2, metavar=("FORM", "FILE"), help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.export:
        export(*given.export)
        return
    with tempfile.TemporaryDirectory(prefix="likeness-export-") as name:
        folder = Path(name)
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
            "LIKENESS_DATA_DIR": str(folder / "data"),
        }

        def run(*command: str) -> tuple[str, float, float]:
            begun, before = time.perf_counter(), os.times()
            answer = subprocess.run(
                [sys.executable, *command],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            after = os.times()
            used = after.children_user + after.children_system - before.children_user - before.children_system
            return answer.stdout, time.perf_counter() - begun, used

        run("manage.py", "create_keys")
        run("manage.py", "migrate", "--noinput")
        run("-m", "benchmarks.service.log_fsck", "--fill", "0", str(given.entries))
        keys = folder / "keys.json"
        for form in FORMS:
            file = folder / f"log.{form}"
            told, wall_s, cpu_s = run("-m", __spec__.name, "--export", form, str(file))
            keys.write_text(told)
            size_mb = file.stat().st_size / 1e6
            print(
                f"{form}: exported in {wall_s:.1f} s ({cpu_s:.1f} s of one core), {size_mb:.1f} MB",
                flush=True,
            )
            said, wall_s, cpu_s = run(
                "-m", "likeness", "log", "check-export", str(file), "--keys", str(keys), "--json"
            )
            found = json.loads(said)
            assert found["entries"] == given.entries, found
            print(f"{form}: checked in {wall_s:.1f} s ({cpu_s:.1f} s of one core)", flush=True)


def export(form: str, file: str) -> None:
    """Write an export of the environment's log, and print the keys to check it with."""
    import django  # noqa: PLC0415

    django.setup()
    from generation.audit_desk.export import signed_export  # noqa: PLC0415
    from generation.audit_desk.videos import AuditFilter  # noqa: PLC0415
    from provenance.log.export_file import ExportForm  # noqa: PLC0415
    from provenance.selectors.evidence import pinned_keys  # noqa: PLC0415

    with Path(file).open("w", encoding="utf-8", newline="") as written:
        written.writelines(signed_export(AuditFilter(), ExportForm(form)))
    print(json.dumps(pinned_keys().to_json()))


if __name__ == "__main__":
    main()
