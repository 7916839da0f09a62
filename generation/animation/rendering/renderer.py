"""Motion to frames: one fitted portrait, any number of frames, in the same buffers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.face.face_topology import LIPS_OUTER
from generation.animation.geometry.camera import FRAME
from generation.animation.geometry.light import LUMA, fitted_light
from generation.animation.geometry.rasterize import vertex_normals
from generation.animation.geometry.rig import ACTION_INDEX, FaceRig
from generation.animation.geometry.smoothstep import smoothstep, smoothstep_of
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.portrait.layers import SizedLayers, sized_layers
from generation.animation.rendering.backends.backend import DrawingFactory
from generation.animation.rendering.backends.compiled_backend import CompiledDrawing
from generation.animation.rendering.deform import Deformer, trailing
from generation.animation.rendering.eyes.eye_control import eye_directions, lids_follow
from generation.animation.rendering.eyes.eyes import EyePose, Eyes
from generation.animation.rendering.mouth.lip_shadow import LipLine
from generation.animation.rendering.mouth.mouth_colours import mouth_tones
from generation.animation.rendering.mouth.mouth_interior import Mouth, Parting
from generation.animation.rendering.neck import Neck
from generation.animation.rendering.wrinkles import ExpressionLines
from generation.animation.track.motion_track import MotionTrack

SIZES = (256, 1024)
BEHIND = np.float32(1e6)  # added to the relief's depth
LIPS_PART = (0.4, 3.0)  # frame units between the lips over which their dark line goes
TURNED = (1.0, 7.0)  # degrees over which the face's edge lets go of the background beside it
SHADE_LIMITS = (0.72, 1.32)  # a turn never darkens or brightens skin more than this


Moment = tuple[Float32Array, Float32Array, Float32Array, float, Float32Array]


class Moments:
    """The arguments of `Renderer.frame` for each frame of a performance that comes in one or more tracks."""

    def __init__(self) -> None:
        self._shown = 0
        self._hair: Float32Array | None = None

    def of(self, track: MotionTrack) -> Iterator[Moment]:
        """The next track's frames."""
        hair = trailing(track.head_pose, track.fps, self._hair)
        for i in range(len(track)):
            self._hair = hair[i]
            yield track.actions[i], track.head_pose[i], track.gaze[i], self._shown / track.fps, hair[i]
            self._shown += 1


class Renderer:
    """Renders one fitted portrait at one size. Not to be shared between threads: it reuses its buffers."""

    def __init__(
        self, fitted: FittedPortrait, size: int = 512, drawing: DrawingFactory = CompiledDrawing
    ) -> None:
        """Prepare layers and buffers. Raises ValueError for a `size` that is odd or outside of 256..1024."""
        if not SIZES[0] <= size <= SIZES[1] or size % 2:
            raise ValueError(f"size must be an even number from {SIZES[0]} to {SIZES[1]}, not {size}.")
        self.fitted, self.size = fitted, size
        self.layers: SizedLayers = sized_layers(fitted.canvas, fitted.matte, fitted.plate, size)
        surface = fitted.surface
        self._deformer = Deformer(surface)
        self._scale = size / FRAME
        # Frame unit u lies at pixel (u + 1/2) * scale - 1/2; sources are pixels of the canvas with margin.
        self._source = ((surface.source + 0.5) * self._scale - 0.5 + self.layers.margin).astype(np.float32)
        self._shade = np.ones(len(surface.rest), np.float32)
        self._normals = np.zeros((surface.mesh_size, 3), np.float32)
        self._sliding = self._source.copy()
        self._lip_edges = np.flatnonzero(surface.lip_slide.any(1))
        self._drawing = drawing(np.concatenate([surface.skin, surface.relief]), size)
        self._light_up()
        on_canvas = (fitted.points[:, :2] + 0.5) * self._scale - 0.5 + self.layers.margin
        self._mouth = Mouth(fitted, mouth_tones(self.layers.canvas, on_canvas), self.light, self._scale)
        self._neck = Neck(fitted, self.layers, on_canvas, self._scale)
        self._eyes = Eyes(fitted, self.layers, self._scale)
        upper, lower = FaceRig.load().loops["lips.upper"], FaceRig.load().loops["lips.lower"]
        self._upper_lip = surface.vertex_of[upper]
        line = self._source[np.concatenate([self._upper_lip, surface.vertex_of[lower[::-1]]])]
        self._lines = ExpressionLines(self.layers.canvas, on_canvas, self._scale)
        self._lip_line = LipLine(self._eyes.person, line, on_canvas[list(LIPS_OUTER)], self._scale)

    def _light_up(self) -> None:
        surface = self.fitted.surface
        still = np.zeros(6, np.float32)
        self._deformer.pose(np.zeros(52, np.float32), still, still, 0.0)
        vertex_normals(self._deformer.points[: surface.mesh_size], surface.skin, self._normals)
        skin = np.unique(surface.skin)
        skin = skin[(self._normals[skin, 2] < -0.2) & (surface.rim[skin] < 0.5)]
        at = np.rint(self._source[skin]).astype(int)
        luma = self.layers.canvas[at[:, 1], at[:, 0]].astype(np.float32) @ LUMA
        self.light = fitted_light(self._normals[skin], luma)
        self._rest_light = self.light.on(self._normals)
        self._shaded = 1 - surface.rim

    def frames(self, track: MotionTrack) -> Iterator[UInt8Array]:
        """Yield one (size, size, 3) uint8 RGB frame for each frame of the track, each a new array."""
        for moment in Moments().of(track):
            yield self.frame(*moment)

    def frame(
        self,
        actions: Float32Array,
        head_pose: Float32Array,
        gaze: Float32Array,
        time_s: float,
        hair_pose: Float32Array | None = None,
    ) -> UInt8Array:
        """One frame from one row of a track; hair follows `hair_pose` (6,), else the head."""
        surface = self.fitted.surface
        looks = eye_directions(actions, gaze)
        actions = lids_follow(actions, looks, head_pose)
        transforms = self._deformer.pose(
            actions, head_pose, head_pose if hair_pose is None else hair_pose, time_s
        )
        pixels = (self._deformer.seen + 0.5) * np.float32(self._scale) - np.float32(0.5)
        pixels[:, 2] = self._deformer.seen[:, 2]
        vertex_normals(self._deformer.points[: surface.mesh_size], surface.skin, self._normals)
        ratio = np.clip(self.light.on(self._normals) / self._rest_light, *SHADE_LIMITS)
        self._shade[: surface.mesh_size] = 1 + (ratio - 1) * self._shaded
        closing = np.array([actions[ACTION_INDEX["eyeBlinkRight"]], actions[ACTION_INDEX["eyeBlinkLeft"]]])
        self._lines.take_back(self._eyes.person)
        self._eyes.close(closing)
        parting = self._mouth.parting(pixels)
        self._slide_sources(closing, pixels, parting, float(np.abs(head_pose[:2]).max()))
        if self._mouth.closed_at_rest:
            gap = np.interp(pixels[self._upper_lip, 0], parting.x, parting.gap, left=0, right=0) / self._scale
            self._lip_line.part(self._eyes.person, self._source[self._upper_lip, 0], gap)
        self._lines.draw(self._eyes.person, actions)
        # The mesh hides the relief wherever it is; within itself, the nearest triangle counts.
        pixels[surface.mesh_size :, 2] += BEHIND
        plate = self._neck.behind(self.layers.plate, transforms)
        out = self._drawing.draw(pixels, self._sliding, self._shade, self._eyes.person, plate)
        self._eyes.draw(out, pixels, EyePose(transforms[4], float(head_pose[2]), looks))
        self._mouth.draw(out, pixels, parting, actions, transforms[4])
        return out

    def _slide_sources(
        self, closing: Float32Array, pixels: Float32Array, parting: Parting, turn: float
    ) -> None:
        """Move the sources of lid skin for lids closed by `closing` (2,), of lips where they part, and of the
        face's edge for a head turned by `turn` degrees."""
        surface = self.fitted.surface
        slide = np.tensordot(closing, surface.lid_slide, 1)
        slide += surface.edge_slide * np.float32(smoothstep_of(*TURNED, turn))
        gap = np.interp(pixels[self._lip_edges, 0], parting.x, parting.gap) / self._scale
        slide[self._lip_edges] += surface.lip_slide[self._lip_edges] * smoothstep(*LIPS_PART, gap)[:, None]
        self._sliding[: surface.mesh_size] = self._source[: surface.mesh_size] + slide * self._scale
