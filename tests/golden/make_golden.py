"""Make the golden shelf of this release: `python -m tests.golden.make_golden`.

A folder for each release holds sealed videos with their evidence and the public keys, as that release made
them. Every later release must still verify them, so a folder is made once, at its release, and never again:
this refuses to write into one that is there. Until the release, delete it and make it anew.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tools.tamper_drill import drill_ground

HERE = Path(__file__).parent
FRAMES, SIZE = 30, 256


def make(folder: Path, work: Path) -> None:
    """Seal a released, a withdrawn and an edited video into `folder`. Needs the service's settings."""
    from django.conf import settings
    from django.utils import timezone

    from provenance.keys.service_keys import trust_store
    from provenance.keys.signing_identity import signing_identity, timestamp_servers
    from provenance.manifest.editing import EditClaim
    from provenance.manifest.signing import sign_edited
    from provenance.selectors.evidence import evidence_bundle, pinned_keys
    from provenance.services.records import release_record, withdraw_record
    from tests.generation.pipeline.moving_portrait import moving_portrait
    from tests.provenance import clips
    from tests.provenance.sealing import make_sealed_clip, seal

    sealed = {}
    for number, (name, portrait) in enumerate({"released": "maya", "withdrawn": "kenji"}.items(), start=1):
        place = work / name
        place.mkdir()
        frames = moving_portrait(portrait, FRAMES, size=SIZE)
        clip = make_sealed_clip(place, frames, rendition_id=f"rnd_golden{number:016d}", watermark_id=number)
        release_record(seal(clip).rendition_id, actor="system")
        sealed[name] = clip
    withdraw_record(sealed["withdrawn"].rendition_id, reason_code="consent_withdrawn", actor="system")
    folder.mkdir()
    for name, clip in sealed.items():
        (folder / f"{name}.mp4").write_bytes(clip.data)
        (folder / f"{name}.bundle.json").write_text(
            json.dumps(evidence_bundle(clip.rendition_id), indent=1) + "\n"
        )
    edited = work / "edited.mp4"
    edited.write_bytes(clips.reencoded(sealed["released"].data))
    sign_edited(
        edited,
        folder / "edited.mp4",
        EditClaim("c2pa.transcoded", "Encoded for a messenger", timezone.now(), settings.VERSION),
        signing_identity(),
        trust_store(),
        parent=sealed["released"].path,
        timestamps=timestamp_servers(),
    )
    (folder / "keys.json").write_text(json.dumps(pinned_keys().to_json(), indent=1) + "\n")


def main() -> None:
    """Make the folder of the version in the settings."""
    with drill_ground() as work:
        from django.conf import settings

        folder = HERE / settings.VERSION
        if folder.exists():
            sys.exit(f"{folder} is there: a release keeps its shelf.")
        make(folder, work)


if __name__ == "__main__":
    main()
