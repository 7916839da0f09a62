"""Eyes as a layer of their own: sclera, iris turned by the gaze, and a catch light that stays."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.camera import FRAME, head_rotation
from generation.animation.face_topology import LEFT_EYE, LEFT_IRIS, RIGHT_EYE, RIGHT_IRIS
from generation.animation.fit import FittedPortrait
from generation.animation.layers import SizedLayers
from generation.animation.light import LUMA
from generation.animation.rig import FaceRig
from generation.animation.surface import smoothstep

Floats = NDArray[np.float32]

BALL = 2.05  # radius of the eyeball in radii of the iris
SOFT = (0.86, 1.16)  # radii over which the iris fades into the sclera
OVERLAP = 2.6  # frame units by which the layer reaches over the edges of resting lids
LASHES, LASH_WIDTH = 0.85, 1.5  # strength, and width in frame units, of a closed lid's lash line
SUBPIXEL = 4  # bits of fraction in polygon corners


@dataclass(frozen=True, eq=False)
class EyeTexture:
    """One eye taken apart, over a patch of the neutral frame whose top left pixel is `origin` (x, y).

    `sclera` (h, w, 3) has no iris, `iris` (h, w, 4) is premultiplied and whole also where lids covered it,
    `light` (h, w, 3) is the catch light, to be added. `centre` (2,) and `radius` are the iris's, in pixels; `lash` (3,) is the colour of the lash line.
    """

    origin: tuple[int, int]
    sclera: Floats
    iris: Floats
    light: Floats
    centre: Floats
    radius: float
    lash: Floats


def take_apart(frame: NDArray[np.uint8], lids: Floats, centre: Floats, radius: float) -> EyeTexture:
    """Separate one eye of the neutral `frame`; `lids` (N, 2) is the contour of its opening, all in pixels."""
    pad = int(np.ceil(radius * 2.4))
    x0, y0 = np.maximum(np.floor(np.minimum(lids.min(0), centre - radius)).astype(int) - pad, 0)
    x1, y1 = np.minimum(
        np.ceil(np.maximum(lids.max(0), centre + radius)).astype(int) + pad, frame.shape[1::-1]
    )
    patch = frame[y0:y1, x0:x1].astype(np.float32)
    local, middle = lids - (x0, y0), centre - (x0, y0)
    h, w = patch.shape[:2]
    opening = np.zeros((h, w), np.uint8)
    cv2.fillPoly(opening, [np.rint(local * 2**SUBPIXEL).astype(np.int32)], 1, shift=SUBPIXEL)
    ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
    dx, dy = xs - middle[0], ys - middle[1]
    distance = np.hypot(dx, dy) / radius
    alpha = (1 - smoothstep(*SOFT, distance)).astype(np.float32)

    inner = cv2.erode(opening, np.ones((3, 3), np.uint8))
    known = ((inner > 0) & (distance > SOFT[1] + 0.04)).astype(np.float32)
    sclera = (
        _spread(patch, known)
        if known.sum() > 6
        else _spread(patch, ((opening > 0) & (distance > 1)).astype(np.float32))
    )
    outside_iris = (opening > 0) & (alpha <= 0)
    sclera[outside_iris] = patch[outside_iris]

    seen_iris = (opening > 0) & (alpha > 0)
    colour = (patch - sclera * (1 - alpha[..., None])) / np.maximum(alpha, 0.08)[..., None]
    clean = cv2.erode(opening, np.ones((3, 3), np.uint8), iterations=max(1, round(radius / 9))) > 0
    profile = _radial_profile(colour, distance, clean & (distance < 1.1))
    whole = profile.copy()
    mirrored = _sampled(colour, xs, 2 * middle[1] - ys)
    mirror_known = _sampled(
        (clean & (distance < SOFT[1])).astype(np.float32)[..., None], xs, 2 * middle[1] - ys
    )[..., 0]
    whole += (mirrored - profile) * smoothstep(0.6, 1.0, mirror_known)[..., None]
    keep = cv2.GaussianBlur(clean.astype(np.float32), (0, 0), max(0.6, radius / 14))[..., None]
    keep = np.where(clean[..., None], np.maximum(keep, 0.5), keep * 0.5)
    blended = whole * (1 - keep) + colour * keep
    blended = np.where(seen_iris[..., None], colour, blended)

    luma, usual = blended @ LUMA, profile @ LUMA
    bright = smoothstep(
        0.22, 0.55, (luma - usual) / max(float(np.percentile(patch[opening > 0] @ LUMA, 95)), 1.0)
    )
    bright = (bright * (distance < 1.05) * (opening > 0)).astype(np.float32)[..., None]
    light = (blended - profile) * bright * alpha[..., None]
    matted = blended * alpha[..., None] - light
    return EyeTexture(
        origin=(int(x0), int(y0)),
        sclera=sclera,
        iris=np.dstack([matted, alpha]).astype(np.float32),
        light=light.astype(np.float32),
        centre=middle.astype(np.float32),
        radius=float(radius),
        lash=_lash_colour(patch, local),
    )


def _lash_colour(patch: Floats, lids: Floats) -> Floats:
    """The darkest colour (3,) along the upper lid's edge, as the lash line of this eye."""
    upper = lids[: len(lids) // 2 + 1]
    at = np.concatenate([upper + (0, d) for d in (-2, -1, 0)]).astype(np.float32)
    found = cv2.remap(
        patch, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )[0]
    luma = found @ LUMA
    return np.asarray(found[luma <= np.percentile(luma, 25)].mean(0), np.float32)


def _spread(picture: Floats, known: Floats) -> Floats:
    """Continue the known pixels smoothly over the whole patch."""
    total, share = np.zeros_like(picture), np.zeros_like(known)
    for sigma in (1.2, 2.5, 5, 10, 20, 40):
        near = cv2.GaussianBlur(known, (0, 0), sigma)
        weight = np.minimum(near * 3, 1) / sigma**2.5
        total += (
            cv2.GaussianBlur(picture * known[..., None], (0, 0), sigma)
            * (weight / np.maximum(near, 1e-6))[..., None]
        )
        share += weight
    spread = total / np.maximum(share, 1e-12)[..., None]
    return np.asarray(np.where(known[..., None] > 0, picture, spread), np.float32)


def _radial_profile(colour: Floats, distance: Floats, usable: NDArray[np.bool_]) -> Floats:
    """The median colour at each distance from the iris's centre, painted over the patch."""
    edges = np.linspace(0, 1.2, 13)
    rows = []
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        ring = usable & (distance >= low - 0.04) & (distance < high + 0.04)
        rows.append(np.median(colour[ring], axis=0) if ring.sum() >= 3 else np.full(3, np.nan))
    table = np.array(rows)
    middle = (edges[:-1] + edges[1:]) / 2
    for k in range(3):
        good = ~np.isnan(table[:, k])
        table[:, k] = np.interp(middle, middle[good], table[good, k]) if good.any() else 40.0
    return np.stack([np.interp(distance, middle, table[:, k]) for k in range(3)], -1).astype(np.float32)


def _sampled(picture: Floats, xs: Floats, ys: Floats) -> Floats:
    out = cv2.remap(picture, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return out if out.ndim == 3 else out[..., None]


def grown(contour: Floats, by: float) -> Floats:
    """A contour (N, 2) widened by `by` pixels on every side."""
    offset = contour - contour.mean(0)
    half = np.maximum(np.abs(offset).max(0), 1.0)
    direction = offset / half
    direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-6)
    return np.asarray(contour + direction * by, np.float32)


@dataclass(frozen=True, eq=False)
class LidPatch:
    """The person layer around one eye, twice: with the eye barely painted out (`open`) and as a closed lid."""

    rows: slice
    columns: slice
    open: Floats
    closed: Floats


def lid_patch(person: NDArray[np.uint8], opening: Floats, scale: float) -> LidPatch:
    """Paint lid skin over the eye with contour `opening` (N, 2), in pixels of the person layer (M, M, 4)."""
    reach = int(np.ceil(16 * scale))
    x0, y0 = np.maximum(np.floor(opening.min(0)).astype(int) - reach, 0)
    x1, y1 = np.ceil(opening.max(0)).astype(int) + reach + 1
    patch = np.ascontiguousarray(person[y0:y1, x0:x1, :3])
    local = opening - (x0, y0)

    def area(by: float) -> NDArray[np.uint8]:
        mask = np.zeros(patch.shape[:2], np.uint8)
        corners = np.rint(grown(local, by * scale) * 2**SUBPIXEL).astype(np.int32)
        cv2.fillPoly(mask, [corners], 255, shift=SUBPIXEL)
        return mask

    barely = cv2.inpaint(patch, area(0.6 * OVERLAP), 3, cv2.INPAINT_TELEA).astype(np.float32)
    around = (area(11.0) > 0) & (area(5.0) == 0)
    luma = patch @ LUMA
    usable = around & (luma >= np.percentile(luma[around], 35))
    smooth = _spread(
        cv2.GaussianBlur(patch, (0, 0), 1.0 * scale).astype(np.float32), usable.astype(np.float32)
    )
    smooth = cv2.GaussianBlur(smooth, (0, 0), 2.0 * scale)
    # The skin's own grain, taken from below the eye, where there is no lash and no brow.
    fine = patch.astype(np.float32) - cv2.GaussianBlur(patch, (0, 0), 1.6 * scale)
    shift = round((local[:, 1].max() - local[:, 1].min()) + 4 * scale)
    grain = np.roll(fine, -shift, axis=0)
    bound = 2.5 * float(np.median(np.abs(fine[around]))) + 0.5
    grain = np.clip(grain, -bound, bound)
    soft = cv2.GaussianBlur(area(5.5), (0, 0), 1.2 * scale).astype(np.float32)[..., None] / 255
    closed = patch * (1 - soft) + (smooth + grain) * soft
    alpha = person[y0:y1, x0:x1, 3:].astype(np.float32)
    return LidPatch(slice(y0, y1), slice(x0, x1), np.clip(barely, 0, alpha), np.clip(closed, 0, alpha))


class Eyes:
    """Draws both eyes of one fitted portrait into finished frames."""

    def __init__(self, fitted: FittedPortrait, layers: SizedLayers, scale: float) -> None:
        rig, surface = FaceRig.load(), fitted.surface
        self._scale, self._size = scale, round(FRAME * scale)
        self._textures, self._edges, self._balls, self._heights, openings = [], [], [], [], []
        for side, contour, iris in (("R", LEFT_EYE, LEFT_IRIS), ("L", RIGHT_EYE, RIGHT_IRIS)):
            upper, lower = rig.loops[f"lids.{side}.upper"], rig.loops[f"lids.{side}.lower"]
            lids = surface.vertex_of[np.concatenate([upper, lower[-2:0:-1]])]
            to_pixels = lambda xy: ((xy + 0.5) * scale - 0.5).astype(np.float32)  # noqa: E731
            centre = to_pixels(fitted.points[iris[0], :2])
            rim = to_pixels(fitted.points[list(iris[1:]), :2])
            radius = float(np.linalg.norm(rim - centre, axis=1).mean())
            opening = to_pixels(surface.source[lids])
            openings.append(opening + layers.margin)
            top, bottom = (
                to_pixels(surface.source[surface.vertex_of[upper]]),
                to_pixels(surface.source[surface.vertex_of[lower]]),
            )
            order = np.argsort(bottom[:, 0])
            self._heights.append(np.interp(top[:, 0], bottom[order, 0], bottom[order, 1]) - top[:, 1])
            self._textures.append(take_apart(layers.neutral, grown(opening, OVERLAP * scale), centre, radius))
            self._edges.append((surface.vertex_of[upper], surface.vertex_of[lower]))
            depth = float(fitted.head.vertices[np.concatenate([upper, lower]), 2].mean())
            self._balls.append((fitted.points[iris[0], :2].astype(np.float64), depth, radius / scale))
        self._distance = surface.distance
        self.person = layers.person.copy()
        self._lids = [lid_patch(layers.person, opening, scale) for opening in openings]
        self._painted = [-1.0, -1.0]

    def close(self, closing: Floats) -> None:
        """Prepare the person layer's lids for eyes that are closed by `closing` (2,), 0..1."""
        for i, patch in enumerate(self._lids):
            share = round(float(smoothstep(0.0, 0.35, closing[i])), 3)
            if share != self._painted[i]:
                mixed = patch.open * (1 - share) + patch.closed * share
                self.person[patch.rows, patch.columns, :3] = np.rint(mixed)
                self._painted[i] = share

    def draw(self, frame: NDArray[np.uint8], pixels: Floats, head: Floats, gaze: Floats, roll: float) -> None:
        """Draw into `frame` both eyes as far as their lids are open.

        `pixels` (N, 3) are the surface's vertices as seen, `head` (3, 4) the head's transform, `gaze` (2, 2)
        yaw and pitch in degrees of the picture's left and right eye, in the camera's axes.
        """
        for i, (upper, lower) in enumerate(self._edges):
            self._draw_one(
                frame, self._textures[i], pixels[upper, :2], pixels[lower, :2], self._heights[i], self._balls[i],
                head, gaze[i], roll,
            )  # fmt: skip

    def _draw_one(
        self, frame: NDArray[np.uint8], texture: EyeTexture, upper: Floats, lower: Floats,
        rest_height: Floats, ball: tuple[NDArray[np.float64], float, float], head: Floats, look: Floats, roll: float,
    ) -> None:  # fmt: skip
        # Where the upper lid has come down over the lower one, nothing is open.
        order = np.argsort(lower[:, 0])
        floor = np.interp(upper[:, 0], lower[order, 0], lower[order, 1])
        self._draw_lashes(frame, texture, upper, np.maximum(floor - upper[:, 1], 0), rest_height)
        top = np.stack([upper[:, 0], np.minimum(upper[:, 1], floor)], 1)
        if (floor - top[:, 1]).max() < 0.4:
            return
        # At rest the layer reaches over the lids' edges, where the skin has no pixels of its own; as soon as
        # the lid moves, its lash line is in front.
        moved = float(np.abs((floor - top[:, 1]) - rest_height).mean()) / self._scale
        grow = OVERLAP * self._scale * np.exp(-((moved / 1.2) ** 2))
        contour = grown(np.concatenate([top, lower[-2:0:-1]]), grow)
        x0, y0 = np.maximum(np.floor(contour.min(0)).astype(int) - 2, 0)
        x1, y1 = np.minimum(np.ceil(contour.max(0)).astype(int) + 3, frame.shape[1::-1])
        if x1 <= x0 or y1 <= y0:
            return
        mask = np.zeros(((y1 - y0) * 2, (x1 - x0) * 2), np.uint8)
        corners = np.rint(((contour - (x0, y0) + 0.5) * 2 - 0.5) * 2**SUBPIXEL).astype(np.int32)
        cv2.fillPoly(mask, [corners], 255, lineType=cv2.LINE_AA, shift=SUBPIXEL)
        alpha = (
            cv2.resize(mask, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None]
            / 255
        )
        ys, xs = np.mgrid[y0:y1, x0:x1].astype(np.float32)
        colour = self._look(texture, xs, ys, ball, head, look, roll)
        under = frame[y0:y1, x0:x1]
        frame[y0:y1, x0:x1] = np.clip(under * (1 - alpha) + colour * alpha + 0.5, 0, 255).astype(np.uint8)

    def _draw_lashes(
        self,
        frame: NDArray[np.uint8],
        texture: EyeTexture,
        upper: Floats,
        height: Floats,
        rest_height: Floats,
    ) -> None:
        """Darken the upper lid's edge as it closes: lashes that pointed at the viewer now lie along it."""
        closed = 1 - float(height.mean()) / max(float(rest_height.mean()), 1e-3)
        strength = LASHES * float(smoothstep(0.04, 0.5, np.float64(closed)))
        if strength <= 0:
            return
        x0, y0 = np.maximum(np.floor(upper.min(0)).astype(int) - 4, 0)
        x1, y1 = np.minimum(np.ceil(upper.max(0)).astype(int) + 5, frame.shape[1::-1])
        if x1 <= x0 or y1 <= y0:
            return
        line = np.zeros(((y1 - y0) * 2, (x1 - x0) * 2), np.uint8)
        corners = np.rint(((upper - (x0, y0) + 0.5) * 2 - 0.5) * 2**SUBPIXEL).astype(np.int32)
        thickness = max(1, round(LASH_WIDTH * self._scale * 2))
        cv2.polylines(line, [corners], False, 255, thickness, cv2.LINE_AA, SUBPIXEL)
        soft = cv2.GaussianBlur(line, (0, 0), 1.1 * self._scale * 2)
        alpha = (
            cv2.resize(soft, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None]
            / 255
        )
        under = frame[y0:y1, x0:x1]
        alpha *= strength
        frame[y0:y1, x0:x1] = (under * (1 - alpha) + np.minimum(texture.lash, under) * alpha + 0.5).astype(
            np.uint8
        )

    def _look(
        self, texture: EyeTexture, xs: Floats, ys: Floats, ball: tuple[NDArray[np.float64], float, float],
        head: Floats, look: Floats, roll: float,
    ) -> Floats:  # fmt: skip
        """Colour (h, w, 3) of the open eye at frame pixels `xs`, `ys`."""
        at, depth, radius = ball
        ball_radius = radius * BALL
        anchor = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float64) * radius
        surface_points = self._through_camera(at, depth, anchor, head)
        centre = self._through_camera(at, depth, np.array([[0, 0, ball_radius]]), head)[0]
        # Sclera: moves with the head, by the affine map of three points on its front.
        now = np.stack([surface_points[1] - surface_points[0], surface_points[2] - surface_points[0]], 1)
        back = np.linalg.inv(now) * texture.radius
        dx, dy = xs - surface_points[0][0], ys - surface_points[0][1]
        sx = texture.centre[0] + back[0, 0] * dx + back[0, 1] * dy
        sy = texture.centre[1] + back[1, 0] * dx + back[1, 1] * dy
        colour = _sampled(texture.sclera, sx.astype(np.float32), sy.astype(np.float32))
        # Iris: a disc on the ball, turned from looking into the camera to the gaze.
        size = float(np.sqrt(abs(np.linalg.det(now)))) / texture.radius
        ball_pixels = texture.radius * BALL * size
        nx, ny = (xs - centre[0]) / ball_pixels, (ys - centre[1]) / ball_pixels
        square = np.minimum(nx * nx + ny * ny, 0.998)
        nz = -np.sqrt(1 - square)
        turn = head_rotation(float(look[0]), float(look[1]), roll)
        ux = turn[0, 0] * nx + turn[1, 0] * ny + turn[2, 0] * nz
        uy = turn[0, 1] * nx + turn[1, 1] * ny + turn[2, 1] * nz
        uz = turn[0, 2] * nx + turn[1, 2] * ny + turn[2, 2] * nz
        ix = texture.centre[0] + ux * texture.radius * BALL
        iy = texture.centre[1] + uy * texture.radius * BALL
        front = (uz < 0).astype(np.float32)[..., None]
        iris = _sampled(texture.iris, ix.astype(np.float32), iy.astype(np.float32)) * front
        # The catch light mirrors a lamp that does not move: it stays near its place and goes with the iris' bulge.
        cx = sx + 0.25 * (ix - sx)
        cy = sy + 0.25 * (iy - sy)
        light = _sampled(texture.light, cx.astype(np.float32), cy.astype(np.float32))
        return np.asarray(colour * (1 - iris[..., 3:]) + iris[..., :3] + light, np.float32)

    def _through_camera(
        self, at: NDArray[np.float64], depth: float, offsets: NDArray[np.float64], head: Floats
    ) -> NDArray[np.float64]:
        """Pixels (N, 2) of points at `offsets` (N, 3) from the iris's centre, carried by the head."""
        middle = (FRAME - 1) / 2
        spread = 1 + depth / self._distance
        base = np.array([(at[0] - middle) * spread, (at[1] - middle) * spread, depth])
        world = (base + offsets * spread) @ head[:, :3].T + head[:, 3]
        scale = self._distance / (self._distance + world[:, 2])
        xy = world[:, :2] * scale[:, None] + middle
        return np.asarray((xy + 0.5) * self._scale - 0.5)
