"""How often a program reads the visible label of a copy 360 pixels wide.

    python -m benchmarks.disclosure.label_legible [PORTRAIT ...]

Each portrait, the bundled cast where none is named, sways for a second under each label; the frames go
through chains like those of platforms and are scaled to 360 pixels. Of three frames of each copy Tesseract
(`apt-get install tesseract-ocr` and its languages) is given the part with the label's words, without icon.
The label counts as read when its letters come out in order, whatever the case, accents and spaces; I, l and
1 are one letter, as in most sans-serif type. A language whose data are not installed is left out and named.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
import unicodedata
from pathlib import Path

import cv2
import numpy as np

from benchmarks.watermark.attacks.changes import Attack, scaled, then, x264
from benchmarks.watermark.clips import CAST, SAMPLES, picture
from generation.disclosure.choice import TEXTS, Disclosure
from generation.disclosure.label import Label
from provenance.common.visible_label import PLACES
from tests.generation.pipeline.moving_portrait import sway

FRAMES = 25
WIDTH = 360
READ = (2, 12, 22)
ENLARGED = 3
_ICON_SHARE = 105  # percent of the label's height that its padding and icon take from the left
SIZES = (512, 1080)
DATA = {
    "en": "eng",
    "de": "deu",
    "fr": "fra",
    "es": "spa",
    "it": "ita",
    "ja": "jpn",
    "ko": "kor",
    "zh": "chi_sim",
}


def narrow(frames: np.ndarray) -> np.ndarray:
    """The clip WIDTH pixels wide."""
    height, width = frames.shape[1:3]
    made: np.ndarray = scaled(frames, WIDTH, round(height * WIDTH / width / 2) * 2)
    return made


CHAINS: dict[str, Attack] = {
    "CRF 23": then(narrow, 23),
    "CRF 28": lambda frames: then(narrow, 23)(x264(28)(frames)),
    "CRF 28 twice": lambda frames: then(narrow, 23)(x264(28)(x264(28)(frames))),
    "480 lines, CRF 30": lambda frames: then(narrow, 23)(then(lambda f: scaled(f, 480, 480), 30)(frames)),
}


def letters(text: str) -> str:
    """Letters alone, in small, without accents, look-alikes as one."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(one for one in plain if not unicodedata.combining(one))
    return re.sub(r"[l1|]", "i", re.sub(r"[^\w|]|_", "", kept))


def read(frame: np.ndarray, label: Label, language: str) -> str:
    """What Tesseract reads where the label's words are."""
    left, top, right, bottom = label.facts.box
    height, width = frame.shape[:2]
    words = left + _ICON_SHARE / 100 * (bottom - top) * height / width
    rows = slice(round(top * height) + 1, round(bottom * height) - 1)
    part = frame[rows, round(words * width) : round(right * width) - 2]
    large = cv2.resize(part, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        cv2.imwrite(file.name, 255 - cv2.cvtColor(large, cv2.COLOR_RGB2GRAY))
        data = DATA[language] if language == "en" else f"{DATA[language]}+eng"
        command = ["tesseract", file.name, "-", "-l", data, "--psm", "7"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


def main() -> None:
    """Print a line for each language and chain."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("portraits", nargs="*", type=Path)
    named = parser.parse_args().portraits or [SAMPLES / "portraits" / f"{name}.jpg" for name in CAST]
    installed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True)
    print("| language | chain | frames | read |\n|---|---|---|---|")
    for number, language in enumerate(TEXTS):
        if DATA[language] not in installed.stdout:
            print(f"| {language} | | 0 | no data |")
            continue
        counts = dict.fromkeys(CHAINS, (0, 0))
        for place, path in enumerate(named):
            size = SIZES[(number + place) % len(SIZES)]
            original = cv2.resize(picture(path), (size, size), interpolation=cv2.INTER_AREA)
            label = Label(Disclosure(language=language, place=PLACES[(number + place) % 4]), size, size)
            clip = np.stack([label.drawn_on(frame) for frame in sway(np.asarray(original, np.uint8), FRAMES)])
            for name, chain in CHAINS.items():
                sent = chain(clip)
                expected = letters(TEXTS[language])
                hits = sum(expected in letters(read(sent[at], label, language)) for at in READ)
                counts[name] = counts[name][0] + hits, counts[name][1] + len(READ)
        for name, (hits, all_) in counts.items():
            print(f"| {language} | {name} | {all_} | {hits} |", flush=True)


if __name__ == "__main__":
    main()
