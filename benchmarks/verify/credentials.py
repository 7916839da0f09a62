"""What is said of the credentials in a folder of files, as a table.

    python -m benchmarks.verify.credentials FOLDER... [--trust PEM] [--others PEM]

For each file: the verdict, the state of its credentials, what is wrong by cause, the state of a named
identity and of the inputs, and the sentence. Marked are sentences that accuse: "changed" without a content
binding that failed. `--trust` are our own anchors, which are those of the shelf in tests/vectors otherwise;
`--others` a trust list.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from provenance.manifest.findings.causes import Cause
from provenance.manifest.trust import TrustStore
from provenance.verify.reader.reader_pool import Readers
from provenance.verify.verdict.verdict import Verdict
from provenance.verify.verify_file import UnsupportedMedia, verify_file

VECTORS = Path(__file__).parents[2] / "tests" / "vectors"


def is_accusing(verdict: Verdict) -> bool:
    """Whether the sentence says "changed" though no content was found to be another."""
    manifest = verdict.signals.manifest
    is_established = manifest is not None and Cause.CONTENT in manifest.causes
    return "changed" in str(verdict.sentence) and not is_established and verdict.record is None


def row(path: Path, verdict: Verdict) -> str:
    """One file's row in Markdown."""
    manifest = verdict.signals.manifest
    cells = [path.name, verdict.kind.value]
    if manifest is None:
        cells += ["not read", "", "", ""]
    else:
        causes = "; ".join(f"{cause}: {' '.join(codes)}" for cause, codes in manifest.causes.items())
        inputs = " ".join(item.state.value for item in manifest.inputs)
        cells += [manifest.state.value, causes, manifest.identity or "", inputs]
    return "| " + " | ".join([*cells, str(verdict.sentence)]) + " |"


def main() -> int:
    """Print the table; ends with 1 if a sentence accuses."""
    parser = argparse.ArgumentParser(description="What is said of the credentials in a folder of files.")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--trust", type=Path, default=VECTORS / "trust-anchors.pem")
    parser.add_argument("--others", type=Path)
    chosen = parser.parse_args()
    trust = TrustStore.from_files(chosen.trust, chosen.others)
    readers = Readers(1)
    print("| file | verdict | credentials | wrong, by cause | identity | inputs | sentence |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    read = accusing = 0
    try:
        for path in sorted(path for folder in chosen.folders for path in folder.rglob("*") if path.is_file()):
            try:
                verdict = verify_file(
                    path, trust=trust, watermarks=None, find=lambda *_: None, read=readers.read
                )
            except UnsupportedMedia:
                continue
            read += 1
            accusing += is_accusing(verdict)
            print(row(path, verdict) + (" **accuses**" if is_accusing(verdict) else ""))
    finally:
        readers.close()
    print(f"\n{read} files, {accusing} sentences accuse without grounds.")
    return 1 if accusing else 0


if __name__ == "__main__":
    sys.exit(main())
