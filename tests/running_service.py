"""A whole Likeness on loopback, with the mailboxes of its subjects and a reviewer."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from config.local_stack import LocalStack
from tests.migrated import copy_migrated_database
from tools.visitor import Visitor, confirm_attestation, sign_in

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


@dataclass(frozen=True)
class RunningService:
    """Where it is, the key of a partner whose videos are released without review, and small inputs."""

    url: str
    api_key: str
    portrait: Path
    speech: Path
    mail: Path
    stack: LocalStack
    seed: dict[str, Any]

    @property
    def reviewer(self) -> dict[str, str]:
        """Who looks at attestations and recordings."""
        return dict(next(person for person in self.seed["people"] if person["role"] == "reviewer"))

    def signed_in_reviewer(self) -> Visitor:
        """The reviewer, signed in with a second factor."""
        return sign_in(self.stack, self.reviewer)

    def confirm(self, consent_id: str) -> None:
        """Confirm an attestation as the reviewer."""
        confirm_attestation(self.signed_in_reviewer(), f"/review/consents/{consent_id}/")


@contextmanager
def running_service(folder: Path) -> Iterator[RunningService]:
    """Web server, workers and Redis in `folder` for the length of the block; small pictures keep it quick."""
    copy_migrated_database(folder / "stack/likeness.sqlite3")
    with LocalStack(folder / "stack", port=0, environment={"LIKENESS_VIDEO_SIZE": "256"}) as stack:
        seed = json.loads(stack.manage("seed_demo"))
        portrait, speech = folder / "amara.png", folder / "hello.wav"
        with Image.open(SAMPLES / "portraits/amara.jpg") as picture:
            picture.resize((512, 512)).save(portrait)
        with (
            wave.open(str(SAMPLES / "speech/sample1_female_calm.wav")) as sample,
            wave.open(str(speech), "wb") as cut,
        ):
            cut.setparams(sample.getparams())
            cut.writeframes(sample.readframes(2 * sample.getframerate()))
        mail = stack.data_dir / "mail"
        yield RunningService(stack.base_url, seed["api_key"], portrait, speech, mail, stack, seed)
