"""Renderer: draws frames of one fitted portrait for rows of a MotionTrack, layer by layer, back to front."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.face.face_topology import LIPS_OUTER
from generation.animation.geometry.camera import FRAME
from generation.animation.geometry.light import LUMA, fit_light
from generation.animation.geometry.rasterize import vertex_normals
from generation.animation.geometry.rig import ACTION_INDEX, FaceRig
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.portrait.layers import SizedLayers, sized_layers
from generation.animation.portrait.surface import Surface
from generation.animation.rendering.backends.backend import BackendFactory, SurfaceBackend
from generation.animation.rendering.backends.batch import Scene, SurfaceFrame
from generation.animation.rendering.backends.compiled_backend import CompiledBackend
from generation.animation.rendering.corner_travel import corner_pulls, limit_corners
from generation.animation.rendering.deform import Deformer, hold_back, smooth_hair_pose
from generation.animation.rendering.eyes.eye_control import eye_directions, lid_actions_for_gaze
from generation.animation.rendering.eyes.eyes import EyePose, Eyes
from generation.animation.rendering.hidden_layer import HiddenLayer
from generation.animation.rendering.mouth.lip_gap import LipGap
from generation.animation.rendering.mouth.lip_shadow import LipShadow
from generation.animation.rendering.mouth.mouth_colours import estimate_mouth_colours
from generation.animation.rendering.mouth.mouth_interior import MouthInterior
from generation.animation.rendering.mouth.smile_parting import part_smiling_lips
from generation.animation.rendering.muscle_combinations import combine_muscles
from generation.animation.rendering.surface_motion import (
    brighten_edge,
    fill_pixels,
    lids_lit,
    shade_jaw,
    shade_mesh,
    slide_sources,
)
from generation.animation.rendering.wrinkles import Wrinkles
from generation.animation.track.motion_track import MotionTrack

SIZES = (256, 1280)  # more than a video's 1080: a crop may show less than the frame
BEHIND = np.float32(1e6)  # added to the relief's depth
BLINK_RIGHT, BLINK_LEFT = ACTION_INDEX["eyeBlinkRight"], ACTION_INDEX["eyeBlinkLeft"]


class FrameInputs(NamedTuple):
    """The arguments of `Renderer.frame`: `actions` (52,), `head_pose` (6,), `gaze` (2,), `hair_pose` (6,),
    all float32, and the time in seconds since the start of the performance."""

    actions: Float32Array
    head_pose: Float32Array
    gaze: Float32Array
    time_s: float
    hair_pose: Float32Array | None


class Posed(NamedTuple):
    """A frame whose surface is where it belongs: projected vertices `pixels` (N, 3) with their depth, and
    what eyes and mouth are drawn from; `actions` (52,) with what muscles, lids and lips add."""

    pixels: Float32Array
    eyes: EyePose
    lip_gap: LipGap
    actions: Float32Array


class FrameInputSequence:
    """Keeps time and hair pose across the tracks of one performance that arrives in pieces.

    It begins with the frame that has the number `first`: HAIR_SETTLES_S later the inputs are those of a
    performance from its beginning."""

    def __init__(self, first: int = 0) -> None:
        self._shown = first
        self._hair: Float32Array | None = None

    def iter_frame_inputs(self, track: MotionTrack) -> Iterator[FrameInputs]:
        """The inputs of the frames of the next track."""
        hair = smooth_hair_pose(track.head_pose, track.fps, self._hair)
        for i in range(len(track)):
            self._hair = hair[i]
            yield FrameInputs(
                track.actions[i], track.head_pose[i], track.gaze[i], self._shown / track.fps, hair[i]
            )
            self._shown += 1


class Renderer:
    """Renders one fitted portrait at one size. Not thread-safe: it reuses its buffers."""

    def __init__(
        self, fitted: FittedPortrait, size: int = 512, backend: BackendFactory = CompiledBackend
    ) -> None:
        """Prepare layers and buffers. Raises ValueError for a `size` that is odd or outside of 256..1024."""
        if not SIZES[0] <= size <= SIZES[1] or size % 2:
            raise ValueError(f"size must be an even number from {SIZES[0]} to {SIZES[1]}, not {size}.")
        self.fitted, self.size = fitted, size
        self.layers: SizedLayers = sized_layers(fitted.canvas, fitted.matte, fitted.plate, size)
        surface = fitted.surface
        self._deformer = Deformer(surface)
        self._corner_pulls = corner_pulls(fitted)
        self._scale = size / FRAME
        # Frame unit u lies at pixel (u + 1/2) * scale - 1/2; sources are pixels of the canvas with margin.
        self._source = ((surface.source + 0.5) * self._scale - 0.5 + self.layers.margin).astype(np.float32)
        self._shade = np.ones(len(surface.rest), np.float32)
        self._pixels = np.zeros_like(surface.rest)
        self._jaw = np.unique(surface.jaw)
        self._jaw_shade = surface.hidden_shade[self._jaw - surface.hidden_start]
        self._jaw_lit_as = surface.lit_as[self._jaw - surface.hidden_start]
        self._normals = np.zeros((surface.mesh_size, 3), np.float32)
        self._slid_source = self._source.copy()
        self._lip_edges = np.flatnonzero(surface.lip_slide.any(1))
        self._backend = backend(_triangles(surface), size)
        self._fit_light()
        on_canvas = (fitted.points[:, :2] + 0.5) * self._scale - 0.5 + self.layers.margin
        self._mouth = MouthInterior(
            fitted, estimate_mouth_colours(self.layers.canvas, on_canvas), self.light, self._scale
        )
        self._hidden = HiddenLayer(surface, self.layers, self._source, self._scale)
        self._eyes = Eyes(fitted, self.layers, self._scale)
        upper, lower = FaceRig.load().loops["lips.upper"], FaceRig.load().loops["lips.lower"]
        self._upper_lip = surface.vertex_of[upper]
        seam = self._source[np.concatenate([self._upper_lip, surface.vertex_of[lower[::-1]]])]
        self._wrinkles = Wrinkles(self.layers.canvas, on_canvas, self._scale, self.light)
        self._lip_shadow = LipShadow(self._eyes.person, seam, on_canvas[list(LIPS_OUTER)], self._scale)

    @cached_property
    def scene(self) -> Scene:
        """What back ends that draw batches keep on their device."""
        patches = [
            *self._eyes.lid_patches,
            self._lip_shadow.patch,
            *((group.rows, group.columns) for group in self._wrinkles.groups),
        ]
        rows, columns = zip(*patches, strict=True)
        return self._hidden.scene(self._eyes.person, (_around(rows), _around(columns)))

    @property
    def backend(self) -> SurfaceBackend:
        """What draws the surface."""
        return self._backend

    def _fit_light(self) -> None:
        """Fit the light to the portrait's skin, and keep the brightness at rest."""
        surface = self.fitted.surface
        still = np.zeros(6, np.float32)
        self._deformer.pose(np.zeros(52, np.float32), still, still, 0.0)
        vertex_normals(self._deformer.points[: surface.mesh_size], surface.skin, self._normals)
        skin = np.unique(surface.skin)
        skin = skin[(self._normals[skin, 2] < -0.2) & (surface.rim[skin] < 0.5)]
        at = np.rint(self._source[skin]).astype(int)
        luma = self.layers.canvas[at[:, 1], at[:, 0]].astype(np.float32) @ LUMA
        self.light = fit_light(self._normals[skin], luma)
        self._rest_light = self.light.brightness(self._normals)
        self._shaded = (1 - surface.rim) * lids_lit(surface.lid_slide)

    def twin(self, backend: BackendFactory | None = None) -> Renderer:
        """Another renderer of the same portrait at the same size, with buffers of its own, for another
        thread, or with another `backend`. Much quicker than to prepare one, while no frame is being
        rendered."""
        shared = (self.fitted, self.fitted.surface, FaceRig.load())
        twin = copy.deepcopy(self, {id(part): part for part in shared})
        if backend is not None:
            twin._backend = backend(_triangles(self.fitted.surface), self.size)
        return twin

    def frames(self, track: MotionTrack) -> Iterator[UInt8Array]:
        """Yield one (size, size, 3) uint8 RGB frame for each frame of the track, each a new array."""
        for inputs in FrameInputSequence().iter_frame_inputs(track):
            yield self.frame(*inputs)

    def frame(
        self,
        actions: Float32Array,
        head_pose: Float32Array,
        gaze: Float32Array,
        time_s: float,
        hair_pose: Float32Array | None = None,
    ) -> UInt8Array:
        """One frame (size, size, 3) uint8 RGB, a new array, from one row of a track.

        `actions` (52,), `head_pose` (6,) and `gaze` (2,) are as in MotionTrack; `time_s` sets the phase of
        breathing; `hair_pose` (6,) is the lagging pose of the hair, by default that of the head. Turns
        are kept within the portrait's `turn_limits`."""
        posed = self._pose(actions, head_pose, gaze, time_s, hair_pose)
        out = self._backend.draw(
            posed.pixels, self._slid_source, self._shade, self._eyes.person, self._hidden.behind
        )
        self.finish(out, posed)
        return out

    def surface(self, inputs: FrameInputs) -> tuple[SurfaceFrame, Posed]:
        """The person's surface in one frame, for a back end that draws several together, and what `finish`
        needs for it; in arrays of their own."""
        posed = self._pose(*inputs)
        surface = SurfaceFrame(
            posed.pixels.copy(),
            self._slid_source.copy(),
            self._shade.copy(),
            self._eyes.person[self.scene.changes].copy(),
            self._hidden.mesh(),
        )
        eyes = posed.eyes._replace(head=posed.eyes.head.copy())
        return surface, posed._replace(pixels=surface.points, eyes=eyes)

    def finish(self, frame: UInt8Array, posed: Posed) -> None:
        """Draw the eyes and the inside of the mouth into a frame (size, size, 3) of the surface, in place."""
        self._eyes.draw(frame, posed.pixels, posed.eyes)
        self._mouth.draw(frame, posed.pixels, posed.lip_gap, posed.actions, posed.eyes.head)

    def _pose(
        self,
        actions: Float32Array,
        head_pose: Float32Array,
        gaze: Float32Array,
        time_s: float,
        hair_pose: Float32Array | None,
    ) -> Posed:
        """Move the surface and the person's texture to where a frame has them. All of it but the lips' gap,
        the actions and the directions of the eyes is overwritten by the next frame's."""
        surface, limits = self.fitted.surface, self.fitted.turn_limits
        head_pose, hair_pose = limits.both_bounded(head_pose, head_pose if hair_pose is None else hair_pose)
        gaze_angles = eye_directions(actions, gaze)
        actions = lid_actions_for_gaze(actions, gaze_angles, head_pose)
        part_smiling_lips(actions)
        combine_muscles(actions)
        # Folds, teeth and the shape of the opening follow what muscles want, skin what it allows.
        moving = actions.copy()
        limit_corners(moving, self._corner_pulls)
        transforms = self._deformer.pose(moving, head_pose, hair_pose, time_s)
        if self.fitted.held is not None:
            hold_back(self._deformer.projected, surface.at_rest, self.fitted.held)
        pixels = self._pixels
        fill_pixels(self._deformer.projected, self._scale, pixels)
        shade_mesh(
            self._deformer.points[: surface.mesh_size], surface.skin, self.light.direction, self._rest_light,
            self._shaded, self._normals, self._shade,
        )  # fmt: skip
        shade_jaw(self._jaw, self._jaw_shade, self._jaw_lit_as, self._shade)
        brighten_edge(surface.edge_gain, head_pose, self._shade)
        closing = float(actions[BLINK_RIGHT]), float(actions[BLINK_LEFT])
        self._wrinkles.restore(self._eyes.person)
        self._eyes.move_lids(closing, pixels, transforms[4])
        lip_gap = self._mouth.round_lips(pixels, actions)
        slide_sources(
            self._source, surface.lid_slide, surface.edge_slide, surface.lip_slide, self._lip_edges, *closing,
            head_pose, pixels, lip_gap.curves, self._scale,
            self._slid_source,
        )  # fmt: skip
        if self._mouth.closed_at_rest:
            self._lip_shadow.update(self._eyes.person, self._upper_lip, pixels, self._source, lip_gap)
        self._wrinkles.draw(self._eyes.person, actions)
        self._hidden.place(pixels, head_pose)
        # The mesh is drawn in front of the jaw's hidden side, that in front of the relief; within each, the
        # z-buffer decides.
        pixels[surface.mesh_size : surface.hidden_start, 2] += BEHIND
        pixels[surface.hidden_start :, 2] += BEHIND / 2
        return Posed(pixels, EyePose(transforms[4], float(head_pose[2]), gaze_angles), lip_gap, actions)


def _triangles(surface: Surface) -> Int32Array:
    return np.concatenate([surface.skin, surface.jaw, surface.relief])


def _around(parts: Sequence[slice]) -> slice:
    return slice(min(part.start for part in parts), max(part.stop for part in parts))
