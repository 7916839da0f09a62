"""How long the studio takes from a slider to its picture, and to three seconds of a draft.

`python -m benchmarks.studio.latency [--moves 40]` starts a service on loopback, gives it a consented portrait
and recordings of 8 seconds to two minutes, and asks for drafts over HTTP as the page's script does: consent,
voice and partner are asked, frames are rendered, labelled, marked and sent. For each recording it moves every
control and the cursor, in turn, each move the next value after the answer to the one before. Prints a table.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import statistics
import tempfile
import time
import wave
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from config.local_stack import LocalStack
from tools.mailbox import Mailbox
from tools.staged_people import Partner
from tools.visitor import Visitor, say_yes, sign_in

SAMPLES: Final = Path(__file__).resolve().parents[2] / "samples"
LENGTHS_S: Final = (8, 30, 60, 120)
MEDIAN_MS, P95_MS, CLIP_S = 300, 1500, 4.0  # the bars
CONTROLS: Final[dict[str, tuple[float, float]]] = {
    "emotion_intensity": (0.0, 1.0),
    "gaze_yaw": (-20.0, 20.0),
    "gaze_pitch": (-12.0, 12.0),
    "head_distance": (0.8, 1.25),
    "valence": (0.2, 0.8),
    "arousal": (0.2, 0.8),
    "expressiveness": (0.3, 1.4),
    "head_motion": (0.0, 1.4),
    "blinks_per_minute": (4.0, 30.0),
}


@dataclass
class Waits:
    """Seconds that somebody waited with one recording."""

    first_s: float
    moves: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    clips: list[float] = field(default_factory=list)

    def row(self, length_s: int) -> str:
        """A line of the table."""
        ordered = sorted(1000 * move for move in self.moves)
        p95 = ordered[round(0.95 * (len(ordered) - 1))]
        moves = f"{len(ordered)} | {statistics.median(ordered):.0f} ms | {p95:.0f} ms | {ordered[-1]:.0f} ms"
        cpu = f"{1000 * statistics.median(self.cpu):.0f} ms"
        clips = f"{len(self.clips)} | {statistics.median(self.clips):.1f} s | {max(self.clips):.1f} s"
        return f"| {length_s} s | {self.first_s:.1f} s | {moves} | {cpu} | {clips} |"


class StudioCaller:
    """Asks the studio as the page's script does."""

    def __init__(self, owner: Visitor, portrait: str) -> None:
        self._owner = owner
        page = owner.read("/console/studio/")
        self._csrf = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        self._token = json.loads(self._post("open", data={"portrait": portrait}))["token"]

    def draft(self, kind: str, audio: str, at_s: float, controls: dict[str, Any]) -> float:
        """The seconds that a draft took."""
        call = {
            "token": self._token, "driving_audio": audio, "controls": controls, "direction": None, "seed": 7,
            "fps": 25, "sound_cue": False, "at_s": at_s, "lips": "",
        }  # fmt: skip
        begun = time.monotonic()
        self._post(kind, json=call)
        return time.monotonic() - begun

    def _post(self, kind: str, **body: Any) -> bytes:
        base = self._owner.base_url
        answer = self._owner.session.post(
            f"{base}/console/studio/{kind}/",
            headers={"X-CSRFToken": self._csrf, "Referer": base},
            timeout=120,
            **body,
        )
        answer.raise_for_status()
        return answer.content


def cpu_of(web: int) -> float:
    """Processor seconds so far of the web server with this process id and of all that it started."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)], ticks[int(folder.name)] = (
                int(fields[1]),
                int(fields[11]) + int(fields[12]),
            )

    def is_within(process: int) -> bool:
        while process not in {0, web}:
            process = parents.get(process, 0)
        return process == web

    return sum(spent for process, spent in ticks.items() if is_within(process)) / os.sysconf("SC_CLK_TCK")


def waits(studio: StudioCaller, audio: str, length_s: int, moves: int, *, web: int) -> Waits:
    """Open a recording, then move everything. `web` is the web server's process id."""
    found = Waits(studio.draft("still", audio, length_s / 2, {}))
    names = list(CONTROLS)
    for move in range(moves):
        name = names[(move // 4) % len(names)]
        low, high = CONTROLS[name]
        value = low + (high - low) * (move % 4 + 1) / 5
        # A few moves of one slider, then the cursor is somewhere else.
        at_s = length_s * (0.15 + 0.8 * ((move // 4) * 0.381966 % 1))
        before_s = cpu_of(web)
        found.moves.append(studio.draft("still", audio, at_s, {"emotion": "happy", name: value}))
        found.cpu.append(cpu_of(web) - before_s)
    for place in (0.2, 0.5, 0.9):
        found.clips.append(
            studio.draft("clip", audio, place * length_s, {"emotion": "happy", "gaze_yaw": 8 * place})
        )
    return found


def recording(length_s: int, folder: Path) -> Path:
    """The sample recordings one after the other, so many seconds of them."""
    path = folder / f"speech-{length_s}.wav"
    sounds = []
    for name in ("sample3_female_story", "sample1_female_calm"):
        with wave.open(str(SAMPLES / "speech" / f"{name}.wav")) as sample:
            form, sound = sample.getparams(), sample.readframes(sample.getnframes())
        sounds.append(sound)
    whole = io.BytesIO()
    while whole.tell() < length_s * form.framerate * form.sampwidth:
        whole.write(b"".join(sounds))
    with wave.open(str(path), "wb") as written:
        written.setparams(form)
        written.writeframes(whole.getvalue()[: length_s * form.framerate * form.sampwidth])
    return path


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=40, help="moves of a slider for each recording")
    moves = parser.parse_args().moves
    with tempfile.TemporaryDirectory() as name, LocalStack(Path(name) / "data", port=0) as stack:
        seed = json.loads(stack.manage("seed_demo"))
        people = {person["role"]: sign_in(stack, person) for person in seed["people"]}
        partner = Partner(stack.base_url, seed["api_key"])
        portrait = partner.portrait("Maya", SAMPLES / "portraits/maya.jpg", "maya@mail.example")
        partner.ask(portrait, "A greeting")
        say_yes(Mailbox(stack.data_dir / "mail", "maya@mail.example"), people["reviewer"])
        web = stack.processes["web"].pid
        studio = StudioCaller(people["owner"], portrait)
        print(
            "| recording | first still | moves | median | p95 | slowest | CPU | drafts | median | slowest |"
        )
        print("|---|---|---|---|---|---|---|---|---|---|")
        for length_s in LENGTHS_S:
            file = recording(length_s, Path(name))
            audio = partner.upload("/driving-audio", file, voice="synthetic")["id"]
            print(waits(studio, audio, length_s, moves, web=web).row(length_s), flush=True)
    print(f"Bars: median {MEDIAN_MS} ms, p95 {P95_MS} ms after the first; draft of 3 s {CLIP_S:.0f} s.")


if __name__ == "__main__":
    main()
