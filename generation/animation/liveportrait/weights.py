"""The files of LivePortrait's weights: their names, what is in them, and how they are read.

Nothing is downloaded: the operator puts the five published files into a folder and names its digest. Every
state-dict key and shape is listed in `state_dicts.txt`; a file that holds anything else is refused by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from generation.animation.liveportrait.refusal import WeightsRefused

APPEARANCE, MOTION, WARPING, GENERATOR, HEADS = (
    "appearance_feature_extractor",
    "motion_extractor",
    "warping_module",
    "spade_generator",
    "stitching_retargeting_module",
)
FILES: Final = (APPEARANCE, MOTION, WARPING, GENERATOR, HEADS)
# The heads lie in one file, each under a name, with the prefix of the training's data parallel wrapper.
HEAD_NAMES: Final = {"stitching": "retarget_shoulder", "lips": "retarget_mouth", "eyes": "retarget_eye"}
_WRAPPED: Final = "module."
SUFFIXES: Final = (".safetensors", ".pth")
_LISTING: Final = Path(__file__).with_name("state_dicts.txt")

StateDict = Mapping[str, Tensor]
Shapes = dict[str, tuple[int, ...]]


def find_files(folder: Path) -> dict[str, Path]:
    """The file of each of FILES in a folder, or in folders within it, as they were published.

    Raises WeightsRefused for one that is missing.
    """
    if not folder.is_dir():
        raise WeightsRefused(f"There is no folder {folder} with LivePortrait's weights.")
    found: dict[str, Path] = {}
    for name in FILES:
        places = [place for suffix in SUFFIXES for place in sorted(folder.rglob(f"{name}{suffix}"))]
        if not places:
            raise WeightsRefused(f"{folder} has no file {name}{SUFFIXES[1]} or {name}{SUFFIXES[0]}.")
        found[name] = places[0]
    return found


def digest_of(files: Mapping[str, Path]) -> str:
    """SHA-256, 64 hexadecimal digits, over the lines that `sha256sum` gives of the files, by their names."""
    lines = []
    for name in sorted(files):
        with files[name].open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {files[name].name}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def read_weights(files: Mapping[str, Path]) -> dict[str, StateDict]:
    """The state dicts of the four networks and the three heads, by FILES without the last and HEAD_NAMES.

    Raises WeightsRefused for a file that is damaged, has other keys or other shapes.
    """
    read: dict[str, StateDict] = {}
    for name in FILES[:-1]:
        read[name] = _read(files[name])
        _require_listed(files[name].name, read[name], listed_shapes()[name])
    heads = _read_heads(files[HEADS])
    for head, published in HEAD_NAMES.items():
        read[head] = heads.get(published, {})
        _require_listed(f"{files[HEADS].name}, part {published},", read[head], listed_shapes()[head])
    return read


@cache
def listed_shapes() -> dict[str, Shapes]:
    """Every key and shape of `state_dicts.txt`, by network or head."""
    shapes: dict[str, Shapes] = {}
    for line in _LISTING.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            network, key, *sides = line.split()
            shapes.setdefault(network, {})[key] = tuple(map(int, sides))
    return shapes


def _read(path: Path) -> StateDict:
    content = _content(path)
    if not all(isinstance(value, Tensor) for value in content.values()):
        raise WeightsRefused(f"{path.name} does not hold the tensors of one network.")
    return content


def _read_heads(path: Path) -> dict[str, StateDict]:
    """Heads by their published name. safetensors has no nesting: there the name comes first in each key."""
    content = _content(path)
    heads: dict[str, dict[str, Tensor]] = {}
    for name, value in content.items():
        tensors = value.items() if isinstance(value, Mapping) else [(name.partition(".")[2], value)]
        head = heads.setdefault(name if isinstance(value, Mapping) else name.partition(".")[0], {})
        head.update({key.removeprefix(_WRAPPED): tensor for key, tensor in tensors})
    return dict(heads)


def _content(path: Path) -> dict[str, object]:
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file  # noqa: PLC0415

            return dict(load_file(path))
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise WeightsRefused(f"{path.name} cannot be read as weights; it may be cut short.") from error
    if not isinstance(content, Mapping):
        raise WeightsRefused(f"{path.name} does not hold the tensors of one network.")
    return dict(content)


def _require_listed(where: str, given: StateDict, listed: Shapes) -> None:
    for problem in _problems(given, listed):
        raise WeightsRefused(f"{where} does not fit LivePortrait's published networks: {problem}.")


def _problems(given: StateDict, listed: Shapes) -> Iterator[str]:
    for key, shape in listed.items():
        if key not in given:
            yield f"it has no {key}"
        elif tuple(given[key].shape) != shape:
            yield f"{key} has shape {tuple(given[key].shape)} instead of {shape}"
    for key in given:
        if key not in listed:
            yield f"it has a {key} that those have not"
