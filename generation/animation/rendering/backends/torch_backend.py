"""The torch back end, for CUDA devices: draws frames in batches, of textures and meshes that stay there.

Its frames agree with those of the compiled back end to within a rounding. Tests run it on the CPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.geometry.rasterize import FOLD, LEAST_ALPHA, NOWHERE, OPAQUE
from generation.animation.rendering.backends.batch import HiddenMesh, Scene, SurfaceFrame
from generation.animation.rendering.backends.behind import Behind
from generation.animation.rendering.backends.torch_surface import (
    beside_jumps,
    draw_maps,
    sample,
    softened,
    whole_levels,
)


@dataclass(frozen=True, eq=False)
class _Resident:
    """A scene on the device."""

    scene: Scene
    person: Tensor
    plate: Tensor
    hidden_texture: Tensor
    hidden_carried: Tensor


class TorchBackend:
    """See `SurfaceBackend` and `BatchBackend`. `device` is any torch device."""

    def __init__(self, faces: Int32Array, size: int, device: str) -> None:
        self._device, self._size = torch.device(device), size
        self._faces = self._there(faces.astype(np.int64))
        self._resident: _Resident | None = None

    @torch.inference_mode()
    def draw(
        self,
        points: Float32Array,
        sources: Float32Array,
        shade: Float32Array,
        person: UInt8Array,
        behind: Behind,
    ) -> UInt8Array:
        """One frame (S, S, 3), a new array on the CPU."""
        drawn = self._surface([points], [sources], [shade])
        warped = self._sampled(self._there(person).float().permute(2, 0, 1)[None], drawn)
        covered = warped[0, ..., 3].to(torch.uint8).cpu().numpy()
        plate = self._there(behind(covered)).float()[None]
        (frame,) = self._back(self._composite(plate, warped, drawn))
        return np.asarray(frame)

    @torch.inference_mode()
    def draw_batch(self, scene: Scene, frames: Sequence[SurfaceFrame]) -> UInt8Array:
        """The frames (B, S, S, 3), a new array on the CPU."""
        resident = self._on_device(scene)
        drawn = self._surface(*zip(*((one.points, one.sources, one.shade) for one in frames), strict=True))
        person = resident.person.repeat(len(frames), 1, 1, 1)
        changed = self._there(np.stack([one.changed for one in frames])).float()
        person[:, :, *scene.changes] = changed.permute(0, 3, 1, 2)
        warped = self._sampled(person, drawn)
        plate = resident.plate.expand(len(frames), -1, -1, -1)
        meshes = {place: one.hidden for place, one in enumerate(frames) if one.hidden is not None}
        if meshes:
            plate = self._over_hidden(plate, warped[..., 3], resident, meshes)
        return self._back(self._composite(plate, warped, drawn))

    def _there(self, values: NDArray[np.generic]) -> Tensor:
        """An array on the device."""
        return torch.from_numpy(values).to(self._device)

    @staticmethod
    def _back(frames: Tensor) -> UInt8Array:
        return np.ascontiguousarray(frames.to(torch.uint8).cpu().numpy())

    def _on_device(self, scene: Scene) -> _Resident:
        if self._resident is None or self._resident.scene is not scene:
            carried = np.concatenate([scene.hidden_source, scene.hidden_shade[:, None]], 1)
            self._resident = _Resident(
                scene,
                self._there(scene.person).float().permute(2, 0, 1)[None],
                self._there(scene.plate).float()[None],
                self._there(scene.hidden_texture).float().permute(2, 0, 1)[None],
                self._there(carried.astype(np.float32)),
            )
        return self._resident

    def _surface(
        self, points: Sequence[Float32Array], sources: Sequence[Float32Array], shade: Sequence[Float32Array]
    ) -> Tensor:
        """Source coordinates and brightness (B, S, S, 3) of the person's surface."""
        count = len(points)
        vertices, faces = len(points[0]), len(self._faces)
        values = np.concatenate([np.stack(points), np.stack(sources), np.stack(shade)[..., None]], 2)
        there = self._there(values).view(-1, 6)
        numbers = torch.arange(count, device=self._device)
        triangles = (self._faces + (numbers * vertices)[:, None, None]).view(-1, 3)
        shape = torch.Size((count, self._size, self._size))
        return draw_maps(there[:, :3], there[:, 3:], triangles, numbers.repeat_interleave(faces), shape)

    @staticmethod
    def _sampled(person: Tensor, drawn: Tensor) -> Tensor:
        """The person (B, S, S, 4) in whole levels, opaque pixels lit."""
        warped = whole_levels(sample(person, drawn[..., :2], "bicubic"))
        opaque = warped[..., 3:] == 255
        warped[..., :3] = torch.where(opaque, whole_levels(warped[..., :3] * drawn[..., 2:]), warped[..., :3])
        return warped

    @staticmethod
    def _composite(plate: Tensor, warped: Tensor, drawn: Tensor) -> Tensor:
        """As the kernel `composite`."""
        alpha = warped[..., 3:]
        lit = whole_levels(plate * ((255 - alpha) * (1 / 255)) + warped[..., :3] * drawn[..., 2:])
        frames = torch.where(alpha == 255, warped[..., :3], torch.where(alpha == 0, plate, lit))
        return softened(frames, beside_jumps(drawn[..., :2], alpha[..., 0] > 0))

    def _over_hidden(
        self, plate: Tensor, alpha: Tensor, resident: _Resident, meshes: dict[int, HiddenMesh]
    ) -> Tensor:
        """The plates (B, S, S, 3) with the hidden layer over them where the person's `alpha` (B, S, S) is
        less than 255, as the kernel `draw_hidden`. `meshes` are those of the frames that have one."""
        vertices = len(resident.hidden_carried)
        points = self._there(np.concatenate([mesh.points for mesh in meshes.values()]))
        faces = np.concatenate([mesh.faces + i * vertices for i, mesh in enumerate(meshes.values())])
        frame_of = np.repeat(list(meshes), [len(mesh.faces) for mesh in meshes.values()])
        drawn = draw_maps(
            points,
            resident.hidden_carried.repeat(len(meshes), 1),
            self._there(faces.astype(np.int64)),
            self._there(frame_of.astype(np.int64)),
            alpha.shape,
        )
        uncovered = -functional.max_pool2d(-alpha, 5, stride=1, padding=2) < 255
        source = torch.where(uncovered[..., None], drawn[..., :2], NOWHERE)
        texture = resident.hidden_texture.expand(len(alpha), -1, -1, -1)
        found = sample(texture, source, "bilinear")
        opacity = found[..., 3:]
        last = texture.shape[-1] - 2
        is_drawn = ((source >= 0) & (source < last)).all(-1, keepdim=True) & (opacity >= LEAST_ALPHA)
        lit = (plate * (1 - opacity / 255) + found[..., :3] * drawn[..., 2:] + 0.5).clamp(0, 255).floor()
        out = torch.where(is_drawn, lit, plate)
        for edges in self._hidden_edges(source, torch.where(is_drawn, opacity, 0)[..., 0], alpha, meshes):
            out = softened(out, edges)
        return out

    def _hidden_edges(
        self, source: Tensor, opacity: Tensor, alpha: Tensor, meshes: dict[int, HiddenMesh]
    ) -> tuple[Tensor, Tensor]:
        """Where (B, S, S) the hidden layer ends or folds, and two pixels to each side of where it ends before
        the plate with an `opacity` (B, S, S) of 255, as the kernel `soften_uncovered`."""
        shown = torch.zeros_like(alpha, dtype=torch.bool)
        for place, mesh in meshes.items():
            x0, y0, x1, y1 = mesh.box
            shown[place, y0 + 1 : y1 - 1, x0 + 1 : x1 - 1] = True
        nowhere = source[..., 0] == NOWHERE
        edges, ends = torch.zeros_like(shown), torch.zeros_like(shown)
        for axis in (1, 2):
            other = source.roll(-1, axis)
            jumps = (source - other).abs().sum(-1) > FOLD
            jumps.select(axis, -1).fill_(False)
            end = jumps & (nowhere | nowhere.roll(-1, axis))
            ending = torch.maximum(opacity, opacity.roll(-1, axis))
            jumps &= ~end | (ending >= LEAST_ALPHA)
            end &= ending >= OPAQUE
            edges |= (jumps | jumps.roll(1, axis)) & shown
            for near, away in ((end & shown, -1), (end.roll(1, axis) & shown, 1)):
                ends |= near | near.roll(away, axis)
        return edges, ends & shown & (alpha < 255)
