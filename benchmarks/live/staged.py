"""A service on loopback with a portrait that may speak live."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import requests
from numpy.typing import NDArray

from config.local_stack import LocalStack
from generation.pipeline.audio import as_one_channel, read_audio
from tools.mailbox import Mailbox
from tools.visitor import Visitor, agree, confirm_recording, sign_in

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "amara@mail.example"


@dataclass(frozen=True)
class LiveStage:
    """The running service, its partner's key and the portrait."""

    stack: LocalStack
    key: str
    portrait_id: str
    consent_id: str

    def call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Call the API as the partner."""
        answer = requests.request(
            method,
            f"{self.stack.base_url}/v1{path}",
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=60,
            **more,
        )
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        said: dict[str, Any] = answer.json()
        return said

    def open(self, **wishes: Any) -> dict[str, Any]:
        """Open a session; while the server has no room yet, ask again."""
        deadline = time.monotonic() + 60
        while True:
            try:
                order = {"portrait_id": self.portrait_id, "voice": "synthetic", "seed": 7, **wishes}
                return self.call("POST", "/live", json=order)
            except RuntimeError as refusal:
                if "busy" not in str(refusal) or time.monotonic() > deadline:
                    raise
                time.sleep(1)

    def sealed(self, session_id: str) -> dict[str, Any]:
        """The session once its record is sealed."""
        deadline = time.monotonic() + 300
        while (session := self.call("GET", f"/live/{session_id}"))["sealed_at"] is None:
            if time.monotonic() > deadline:
                raise RuntimeError("The record was not sealed.")
            time.sleep(0.5)
        return session

    def withdraw(self) -> None:
        """Withdraw the consent, as its subject does with the link of the receipt."""
        receipt = Mailbox(self.stack.data_dir / "mail", ADDRESS).receipt_link()
        Visitor(base_url="").send(f"{receipt}withdraw/")

    def verdict(self, path: Path) -> dict[str, Any]:
        """What the public says about a file."""
        with path.open("rb") as file:
            answer = requests.post(f"{self.stack.base_url}/v1/verify", files={"file": file}, timeout=120)
        said: dict[str, Any] = answer.json()
        return said


@contextmanager
def live_stage(folder: Path, portrait: str = "amara.jpg") -> Iterator[LiveStage]:
    """Start the service and take the portrait through consent; everything stops with the block."""
    with LocalStack(folder, port=0) as stack:
        seed = json.loads(stack.manage("seed_demo"))
        stage = LiveStage(stack, seed["api_key"], "", "")
        named = {"display_name": "Amara", "email": ADDRESS}
        subject = stage.call("POST", "/subjects", json=named)
        with (ROOT / "samples/portraits" / portrait).open("rb") as file:
            uploaded = stage.call(
                "POST", "/portraits", files={"file": file}, data={"subject_id": subject["id"]}
            )
        order = {
            "portrait_id": uploaded["id"],
            "basis": "other_person",
            "purpose": "Measuring live sessions",
            "valid_until": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
            "max_videos": 1000,
            "allows_live": True,
        }
        consent = stage.call("POST", "/consents", json=order)
        reviewer = next(person for person in seed["people"] if person["role"] == "reviewer")
        agree(Mailbox(stack.data_dir / "mail", ADDRESS))
        confirm_recording(sign_in(stack, reviewer))
        yield LiveStage(stack, seed["api_key"], uploaded["id"], consent["id"])


def speech(seconds: float, sample: str = "sample1_female_calm.wav") -> NDArray[np.int16]:
    """A sample's speech, (N,) int16 at 16 000 Hz, over and over for so many seconds."""
    import av  # noqa: PLC0415

    sound, rate = read_audio(ROOT / "samples/speech" / sample)
    mono = as_one_channel(sound)
    resampler = av.AudioResampler(format="s16", layout="mono", rate=16_000)
    frame = av.AudioFrame.from_ndarray(mono[None], format="fltp", layout="mono")
    frame.sample_rate = rate
    pieces = [piece.to_ndarray()[0] for piece in (*resampler.resample(frame), *resampler.resample(None))]
    return np.resize(np.concatenate(pieces), round(seconds * 16_000)).astype(np.int16)
