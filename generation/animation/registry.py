"""Renderers and motion sources by name: the bundled ones and those of installed packages.

A package adds one by an entry point in the group `likeness.renderers` or `likeness.motion_sources`. Names are
known without importing what they stand for, so that the settings check them and only workers load torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from generation.animation.protocols import MotionSource, PortraitRenderer

FACE_RIG: Final = "face_rig"
LIVEPORTRAIT: Final = "liveportrait"
MOTION_FLOW: Final = "motion_flow"
_ANIMATOR: Final = "generation.animation.animator:Animator.load"

Part = TypeVar("Part")


class PartUnknown(ValueError):
    """Nothing is registered under this name. The text names what is."""


@dataclass(frozen=True)
class PartRegistry(Generic[Part]):
    """Loaders of one kind of part by name.

    `bundled` maps a name to "module:attribute" of a function that takes a device ("auto", "cpu", "cuda") and
    returns the part. Installed packages may add names to `group`, but never replace a bundled one.
    """

    kind: str
    group: str
    bundled: Mapping[str, str]

    def names(self) -> tuple[str, ...]:
        """All names, the bundled ones first."""
        return tuple(self._entry_points())

    def load(self, name: str, device: str) -> Part:
        """The part called `name`, on `device`. Raises PartUnknown, and what its loader raises."""
        found = self._entry_points()
        if name not in found:
            raise PartUnknown(f"There is no {self.kind} {name!r}; known are {', '.join(found)}.")
        part: Part = found[name].load()(device)
        return part

    def _entry_points(self) -> dict[str, EntryPoint]:
        bundled = {name: EntryPoint(name, value, self.group) for name, value in self.bundled.items()}
        installed = {point.name: point for point in entry_points(group=self.group)}
        return bundled | {name: installed[name] for name in sorted(installed) if name not in bundled}


RENDERERS: Final[PartRegistry[PortraitRenderer]] = PartRegistry(
    "renderer",
    "likeness.renderers",
    {FACE_RIG: _ANIMATOR, LIVEPORTRAIT: "generation.animation.liveportrait.load:load"},
)
MOTION_SOURCES: Final[PartRegistry[MotionSource]] = PartRegistry(
    "motion source", "likeness.motion_sources", {MOTION_FLOW: _ANIMATOR}
)
