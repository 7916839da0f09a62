"""Check a public log, then read it.

It is in a folder that `manage.py auditlog_export` wrote, or at an address such as https://your.host/v1/log.
"""

import sys

from likeness import check_log, read_log


def main(place: str, keys: str | None = None) -> int:
    """Print what the check found, then every entry; 0 if the log is sound.

    `keys` is a file with the service's verification keys or the log's key. Without it the key beside the log
    is used, and the log only proves that it agrees with itself.
    """
    report = check_log(place, keys=keys)
    for finding in report.findings:
        print(f"{finding.damage.value}: {finding.message}")
    if report.is_sound:
        for entry in read_log(place, keys=keys):
            print(f"{entry.index:6} {entry.time:%Y-%m-%d %H:%M:%S} {entry.event.value:20} {entry.actor}")
    return 0 if report.is_sound else 3


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
