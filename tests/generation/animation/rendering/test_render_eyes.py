from __future__ import annotations

import numpy as np
import pytest

from generation.animation.face.landmarks import detect_faces
from generation.animation.rendering.deform import chain_transforms
from generation.animation.rendering.eyes import eyes
from generation.animation.rendering.eyes.eye_texture import FINER, decompose_eye
from generation.animation.rendering.eyes.eyes import EyePose, Eyes
from generation.animation.rendering.eyes.lashes import lift_lashes
from generation.animation.rendering.eyes.lids import paint_lid_patch
from generation.animation.track.motion_track import CAMERA_DISTANCE_HEAD_WIDTHS
from tests.generation.animation.pictures import NAMES
from tests.generation.animation.rendered import fitted, frame, landmark, neutral, renderer

pytestmark = pytest.mark.slow

IRISES = ((468, 33, 133), (473, 362, 263))
WIDE = {"eyeWideLeft": 1.0, "eyeWideRight": 1.0}
BLINK = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}


def around(iris: int, picture: np.ndarray, name: str) -> np.ndarray:
    x, y = landmark(iris, name)
    radius = float(np.linalg.norm(fitted(name).points[iris + 1, :2] - fitted(name).points[iris, :2]))
    reach = int(0.8 * radius)
    return picture[int(y) - reach : int(y) + reach + 1, int(x) - reach : int(x) + reach + 1].astype(float)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("iris", [468, 473])
def test_a_full_blink_leaves_only_lid_skin_where_the_iris_was(name, iris):
    eye, closed = around(iris, neutral(name), name), around(iris, frame(BLINK, name=name), name)
    pupil, lid = (np.median(patch[patch.shape[0] // 4 : -patch.shape[0] // 4]) for patch in (eye, closed))
    x, y = (int(v) for v in landmark(50 if iris == 468 else 280, name))
    skin = np.median(neutral(name)[y - 3 : y + 4, x - 3 : x + 4])
    assert lid > 1.3 * pupil
    assert lid > 0.5 * skin


@pytest.mark.parametrize("name", NAMES)
def test_the_lash_line_of_a_nearly_closed_lid_has_no_gaps(name):
    nearly = frame({"eyeBlinkLeft": 0.75, "eyeBlinkRight": 0.75}, name=name).astype(float).mean(2)
    render = renderer(name)
    for eye in render._eyes._eyes:
        edge = render._deformer.projected[eye.upper, :2]
        x = np.arange(int(edge[:, 0].min()) + 5, int(edge[:, 0].max()) - 4)
        y = np.rint(np.interp(x, edge[:, 0], edge[:, 1])).astype(int)
        line = nearly[y + np.arange(-1, 2)[:, None], x].mean(0)
        skin = nearly[y - np.arange(6, 10)[:, None], x].mean(0)
        assert (line / skin).max() < 0.93


def test_a_closing_lid_draws_no_line_much_darker_than_the_open_eye():
    """Lash line, shadow on the eye and the plain line of a closed lid do not add up to a black step."""

    def darkest(closing: float) -> float:
        picture = frame({"eyeBlinkLeft": closing, "eyeBlinkRight": closing}, name="maya").astype(float)
        (left, top), (right, _) = landmark(33, "maya"), landmark(133, "maya")
        columns = slice(round(0.8 * left + 0.2 * right), round(0.2 * left + 0.8 * right))
        eye = picture[round(top) - 14 : round(top) + 20, columns].mean(2)
        return float(np.median(eye.min(0)))

    assert darkest(0.8) > 0.75 * darkest(0.0)
    assert darkest(0.9) > 1.2 * darkest(0.0)


@pytest.mark.parametrize("name", NAMES)
def test_the_line_of_a_closing_lid_is_never_a_quarter_darker_than_that_of_the_open_or_the_closed_one(name):
    """The last slit of the eye and the lash line in front of it do not add up to a stroke of black, which
    would flash up in every blink."""

    def line(closing: float) -> list[float]:
        drawn = frame({"eyeBlinkLeft": closing, "eyeBlinkRight": closing}, name=name).astype(float).mean(2)
        found = []
        for eye in renderer(name)._eyes._eyes:
            edge = renderer(name)._deformer.projected[eye.upper, :2]
            x = np.linspace(edge[:, 0].min(), edge[:, 0].max(), 12)[3:-3]
            y = np.interp(x, *edge[np.argsort(edge[:, 0])].T)
            rows = np.rint(y + np.arange(-3, 5)[:, None]).astype(int)
            found.append(float(np.median(drawn[rows, np.rint(x).astype(int)].min(0))))
        return found

    ends = np.minimum(line(0.0), line(1.0))
    for closing in (0.7, 0.75, 0.8, 0.9):
        assert (line(closing) > 0.75 * ends).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("closing", "down"), [(0.3, 0.0), (0.5, 0.0), (0.0, 18.0)])
def test_behind_half_closed_lids_and_in_a_look_down_an_eye_is_solid(name, closing, down, monkeypatch):
    """Only the last slit fades out: the frame is the one in which nothing of the eye does."""
    actions = {"eyeBlinkLeft": closing, "eyeBlinkRight": closing}
    drawn = frame(actions, gaze=(0, down), name=name)
    monkeypatch.setattr(eyes, "SLIT", 1e-3)
    assert np.array_equal(drawn, frame(actions, gaze=(0, down), name=name))


def test_nothing_is_drawn_of_an_eye_that_the_portrait_has_closed(monkeypatch):
    """It has not closed since then, and so has no slit that fades."""
    drawing = Eyes(fitted("amara"), renderer("amara").layers, 1.0)
    box = (180, 180, 240, 240)
    drawn = np.full((512, 512, 3), 180, np.uint8)
    monkeypatch.setattr(eyes, "measure_lids", lambda *_: (0.4, 0.0, 0.0, *box))
    monkeypatch.setattr(drawing, "_draw_ball", lambda *_: drawn.fill(0))
    pose = EyePose(np.eye(3, 4, dtype=np.float32), 0.0, np.zeros((2, 2), np.float32))
    drawing.draw(drawn, renderer("amara")._deformer.projected, pose)
    assert (drawn == 180).all()


def lid_rows(closing: float, name: str) -> list[np.ndarray]:
    """For each eye the brightness (rows,) of a closing lid's middle, from 2 pixels above the open eye's upper
    edge down to 4 above the edge that has come down, in the lid's median."""
    actions = {"eyeBlinkLeft": closing, "eyeBlinkRight": closing}
    drawn = frame(actions, name=name).astype(float).mean(2)
    render, out = renderer(name), []
    for eye in render._eyes._eyes:
        rest = fitted(name).surface.source[eye.upper]
        now = render._deformer.projected[eye.upper, :2]
        left, right = rest[:, 0].min(), rest[:, 0].max()
        x = np.arange(round(left + 0.3 * (right - left)), round(right - 0.3 * (right - left)))
        top = np.interp(x, rest[:, 0], rest[:, 1]) - 2
        end = np.interp(x, now[:, 0], now[:, 1]) - 4
        rows = np.rint(top + np.linspace(0, 1, 12)[:, None] * (end - top)).astype(int)
        lid = drawn[rows, x].mean(1)
        out.append(lid / np.median(lid))
    return out


@pytest.mark.parametrize("name", NAMES)
def test_a_closed_lid_has_no_line_where_the_open_eye_had_its_edge(name):
    for rows in lid_rows(1.0, name):
        assert rows.min() > 0.80


def steps(brightness: np.ndarray) -> float:
    """The greatest change of brightness (N,) over three pixels, in its median."""
    even = np.convolve(brightness, np.ones(3) / 3, "valid")
    return float(np.abs(even[3:] - even[:-3]).max() / np.median(brightness))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("raised", [0.0, 0.6])
def test_a_closed_lid_has_no_outline_of_an_oval_above_it(name, raised):
    """From the skin below the brow down to the lashes brightness runs evenly: skin, no dome on it.

    Shut lids meet 0.04 to 0.08 of a lid's width above the open eye's lower lid, so that 0.42 of it above
    their line is nearly half of it above that one. Further up the shade of the brow begins: no dome."""
    brows = {"browInnerUp": raised, "browOuterUpLeft": raised, "browOuterUpRight": raised}
    drawn = frame(BLINK | brows, name=name).astype(float).mean(2)
    for eye in renderer(name)._eyes._eyes:
        edge = renderer(name)._deformer.projected[eye.upper, :2]
        left, right = edge[:, 0].min(), edge[:, 0].max()
        x = np.arange(round(left + 0.35 * (right - left)), round(right - 0.35 * (right - left)))
        end = np.interp(x, edge[:, 0], edge[:, 1]) - 4
        rows = np.rint(end + 4 - np.linspace(0.42, 4 / (right - left), 20)[:, None] * (right - left))
        assert steps(drawn[rows.astype(int), x].mean(1)) < 0.085


@pytest.mark.parametrize("name", NAMES)
def test_the_sides_of_a_closed_lid_pass_into_the_skin_beside_it(name):
    drawn = frame(BLINK, name=name).astype(float).mean(2)
    for eye in renderer(name)._eyes._eyes:
        edge = renderer(name)._deformer.projected[eye.upper, :2]
        left, right = edge[:, 0].min(), edge[:, 0].max()
        y = round(float(edge[:, 1].mean() - 0.22 * (right - left)))
        x = slice(round(left - 0.15 * (right - left)), round(right + 0.15 * (right - left)))
        assert steps(drawn[y - 1 : y + 2, x].mean(0)) < 0.14


def test_the_skin_of_a_moving_lid_has_neither_eyeliner_nor_lashes_of_the_open_eye():
    person = np.full((120, 160, 4), 255, np.uint8)
    person[..., :3] = 180
    x = np.linspace(50, 110, 17)
    upper = np.stack([x, 60 - 8 * np.sin(np.pi * (x - 50) / 60)], 1).astype(np.float32)
    lower = np.stack([x, 60 + 6 * np.sin(np.pi * (x - 50) / 60)], 1).astype(np.float32)
    for column in range(52, 109):
        edge = round(float(np.interp(column, upper[:, 0], upper[:, 1])))
        person[edge - 3 : edge + 1, column, :3] = 30
        person[edge : round(float(np.interp(column, lower[:, 0], lower[:, 1]))), column, :3] = 90
        if column % 6 == 0:
            person[edge - 11 : edge, column, :3] = 50
    brow = np.stack([x, np.full(17, 24.0)], 1).astype(np.float32)
    patch = paint_lid_patch(person, upper, lower, brow, 1.0)
    inner = patch.closed[40 - patch.rows.start : 64 - patch.rows.start, 66 - patch.columns.start :][:, :28]
    assert inner.min() > 150


@pytest.mark.parametrize("name", NAMES)
def test_closed_lids_meet_well_above_where_the_open_lower_lid_hangs(name):
    """In true blinks the line lies 42 to 75 % as far below the corners as the open eye's lower lid."""
    frame(BLINK, name=name)
    render, rest = renderer(name), fitted(name).surface.source
    for eye in render._eyes._eyes:
        now = render._deformer.projected

        def hangs(points: np.ndarray, edge: np.ndarray, upper: np.ndarray = eye.upper) -> float:
            ends = points[upper[[0, -1]], :2]
            along = np.interp(points[edge, 0], *ends[np.argsort(ends[:, 0])].T)
            return float((points[edge, 1] - along).max())

        assert 0.3 < hangs(now, eye.upper) / hangs(rest, eye.lower) < 0.85


def test_the_line_of_a_closed_lid_is_as_soft_as_the_picture():
    skin = np.full((60, 80, 3), 180.0, np.float32)
    edge = np.stack([np.linspace(10, 70, 17), np.full(17, 30.0)], 1).astype(np.float32)
    x, y = edge.T.astype(np.float64)

    def steepest(blur: float) -> float:
        drawn = np.full((80, 80, 3), 180, np.uint8)
        lift_lashes(skin, skin, skin, edge, 1.0, blur).draw(drawn, x, y, closed=1.0, strength=1.0)
        return float(np.abs(np.diff(drawn[20:45, 20:60].astype(float).mean(2), axis=0)).max())

    assert steepest(1.6) < 0.5 * steepest(0.0)


def test_long_lashes_leave_the_lid_whole():
    """Those of heavy make-up end beyond fifteen frame units above the edge."""
    person = np.full((140, 160, 4), 255, np.uint8)
    person[..., :3] = 180
    x = np.linspace(50, 110, 17)
    upper = np.stack([x, np.full(17, 80.0)], 1).astype(np.float32)
    lower = np.stack([x, 80 + 12 * np.sin(np.pi * (x - 50) / 60)], 1).astype(np.float32)
    person[61:80, 54:108:6, :3] = 50
    brow = np.stack([x, np.full(17, 44.0)], 1).astype(np.float32)
    patch = paint_lid_patch(person, upper, lower, brow, 1.0)
    tips = patch.closed[62 - patch.rows.start : 66 - patch.rows.start, 60 - patch.columns.start :][:, :40]
    assert tips.min() > 140


def test_lashes_and_eyeliner_travel_down_with_the_lid():
    skin = np.full((60, 80, 3), 180.0, np.float32)
    edge = np.stack([np.linspace(10, 70, 17), np.full(17, 30.0)], 1).astype(np.float32)
    made_up = skin.copy()
    made_up[29:31, 12:68] = 40  # the line
    bare = made_up.copy()
    made_up[19:29, 14:68:6] = 60  # lashes
    layer = lift_lashes(made_up, skin, bare, edge, 1.0)
    frame = np.full((80, 80, 3), 180, np.uint8)
    x, y = edge.T.astype(np.float64)
    layer.draw(frame, x, y + 14, closed=1.0, strength=1.0)
    assert frame[43:45, 30:50].mean() < 110
    assert frame[47:50, 38].mean() < 140
    assert frame[47:50, 35].mean() > 160
    assert np.all(frame[10:34] >= 178)


def test_a_closed_lid_has_lashes_where_the_open_eye_shows_none():
    skin = np.full((60, 80, 3), 180.0, np.float32)
    edge = np.stack([np.linspace(10, 70, 17), np.full(17, 30.0)], 1).astype(np.float32)
    layer = lift_lashes(skin, skin, skin, edge, 1.0)
    x, y = edge.T.astype(np.float64)

    def drawn(closed: float) -> np.ndarray:
        frame = np.full((80, 80, 3), 180, np.uint8)
        layer.draw(frame, x, y, closed=closed, strength=1.0)
        return np.asarray(frame[33:36, 20:60].astype(float).mean((0, 2)))

    assert drawn(1.0).std() > 5
    assert drawn(1.0).min() < 160
    # Before a half closed eye they would be specks on its white.
    assert drawn(0.5).std() < 1


def test_a_lid_takes_its_eyeliner_along():
    skin = np.full((60, 80, 3), 180.0, np.float32)
    edge = np.stack([np.linspace(10, 70, 17), np.full(17, 30.0)], 1).astype(np.float32)
    made_up = skin.copy()
    made_up[27:31, 12:68] = 40
    layer = lift_lashes(made_up, skin, skin, edge, 1.0)
    frame = np.full((80, 80, 3), 180, np.uint8)
    x, y = edge.T.astype(np.float64)
    layer.draw(frame, x, y + 5, closed=0.2, strength=1.0)
    assert frame[32:35, 30:50].mean() < 90


@pytest.mark.parametrize("name", NAMES)
def test_the_white_that_an_iris_uncovers_is_no_darker_than_what_was_seen_of_it(name):
    """Beside the iris the white lies in the shade of lids; where the iris was, it faces the light."""
    aside = frame(gaze=(30, 0), name=name).astype(float)
    for eye, iris in zip(renderer(name)._eyes._eyes, (468, 473), strict=True):
        x, y = landmark(iris, name)
        radius = eye.texture.radius / FINER
        left = slice(round(x - 0.6 * radius), round(x - 0.2 * radius))
        uncovered = aside[round(y) - 1 : round(y) + 3, left].mean(2)
        beside = slice(round(x - 1.6 * radius), round(x - 1.3 * radius))
        seen = neutral(name)[round(y) - 1 : round(y) + 3, beside].astype(float).mean(2)
        assert np.median(uncovered) > 0.97 * np.median(seen)


def sharpness(picture: np.ndarray, name: str) -> float:
    """The gradient energy around both eyes."""
    luma, energy = picture.astype(float).mean(2), 0.0
    for left, right in ((33, 133), (362, 263)):
        (x0, y), (x1, _) = landmark(left, name), landmark(right, name)
        box = luma[round(y) - 14 : round(y) + 14, round(x0) - 4 : round(x1) + 5]
        energy += float(sum((step**2).sum() for step in np.gradient(box)))
    return energy


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("aside", [0.0, 0.5])
def test_an_eye_that_looks_at_the_camera_is_as_sharp_as_the_portrait(name, aside):
    """Its iris lay a part of a pixel beside the picture's: it was drawn from between the pixels."""
    drawn = frame(pose=(0, 0, 0, aside / fitted(name).surface.head_width), name=name)
    assert sharpness(drawn, name) > 0.87 * sharpness(neutral(name), name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "pose",
    [
        *((0, 0, 0, 0, 0, (distance - 1) * CAMERA_DISTANCE_HEAD_WIDTHS) for distance in (0.8, 1.25)),
        *((0, 0, roll) for roll in (-16, -8, 8, 16)),
        *((yaw, 0, 0) for yaw in (-25, 25)),
    ],
)
def test_a_head_that_moves_has_not_moved_its_lids(name, pose):
    frame(pose=pose, name=name)
    assert [share for share, _ in renderer(name)._eyes._closed_share] == [0.0, 0.0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pose", [(0, 0, 16), (0, 0, -16), (25, 0, 0)])
def test_an_eye_is_as_far_closed_as_its_lids_are_however_the_head_is_turned(name, pose):
    half = {"eyeBlinkLeft": 0.5, "eyeBlinkRight": 0.5}

    def closed(pose: tuple[float, ...]) -> list[float]:
        frame(half, pose=pose, name=name)
        render = renderer(name)
        head = chain_transforms(fitted(name).surface, np.array((*pose, 0, 0, 0)))[4]
        return [render._eyes._measure(eye, render._pixels, head).closed for eye in render._eyes._eyes]

    assert closed(pose) == pytest.approx(closed((0, 0, 0)), abs=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_a_rising_lid_takes_its_lash_line_along(name):
    """It stayed behind, and a line of one width was drawn in its place, from corner to corner."""
    wide, rest = (picture.astype(float).mean(2) for picture in (frame(WIDE, name=name), neutral(name)))
    for eye in renderer(name)._eyes._eyes:
        now = renderer(name)._deformer.projected[eye.upper, :2]
        before = fitted(name).surface.source[eye.upper]

        def line(picture: np.ndarray, edge: np.ndarray) -> np.ndarray:
            order = np.argsort(edge[:, 0])
            x = np.linspace(edge[:, 0].min(), edge[:, 0].max(), 23)[2:-2]
            y = np.interp(x, edge[order, 0], edge[order, 1])
            rows = np.rint(y - np.arange(0, 4)[:, None]).astype(int)
            return np.asarray(picture[rows, np.rint(x).astype(int)].min(0))

        assert np.median(np.abs(line(wide, now) - line(rest, before))) < 20


@pytest.mark.parametrize("closed", [-0.3, 0.12])
def test_a_lid_that_has_moved_a_little_keeps_lashes_and_eyeliner_in_their_colour(closed):
    skin = np.full((60, 80, 3), (200, 170, 150), np.float32)
    edge = np.stack([np.linspace(10, 70, 17), np.full(17, 30.0)], 1).astype(np.float32)
    made_up = skin.copy()
    made_up[27:30, 12:68] = (40, 20, 60)
    made_up[20:27, 14:68:6] = (60, 40, 70)
    layer = lift_lashes(made_up, skin, skin, edge, 1.0)
    drawn = np.full((80, 80, 3), (200, 170, 150), np.uint8)
    x, y = edge.T.astype(np.float64)
    layer.draw(drawn, x, y + 5, closed=closed, strength=1.0)
    off = np.abs(drawn[25:34, 20:60].astype(float) - made_up[20:29, 20:60])
    assert off.mean() < 12


def test_the_white_that_a_lid_or_an_iris_uncovers_is_lighter_and_less_like_skin_than_what_was_seen_of_it():
    """What a narrow eye shows of it is in the shade and the colour of its lids."""
    picture = np.full((120, 160, 3), (200, 140, 120), np.uint8)
    x, y = np.meshgrid(np.arange(160), np.arange(120))
    picture[np.abs(y - 60) < 10 * np.sqrt(np.clip(1 - ((x - 80) / 40) ** 2, 0, 1))] = (150, 120, 112)
    iris = (np.hypot(x - 80, y - 60) < 14) & (np.abs(y - 60) < 10)
    picture[iris] = (60, 50, 40)
    angles = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    lids = np.stack([80 - 38 * np.cos(angles), 60 - 9 * np.sin(angles)], 1).astype(np.float32)
    texture = decompose_eye(picture, lids, np.array([80, 60], np.float32), 14.0)
    at = (60 - 8 - texture.origin[1], 80 - texture.origin[0])
    seen = np.array([150, 120, 112])
    assert texture.bare_sclera[at].mean() > 1.1 * seen.mean()
    assert texture.bare_sclera[at][0] / texture.bare_sclera[at][2] < 0.95 * seen[0] / seen[2]


def test_the_half_of_an_iris_that_a_lid_hides_is_completed_without_skin_of_the_other_lid():
    picture = np.full((120, 160, 3), (200, 140, 120), np.uint8)
    x, y = np.meshgrid(np.arange(160), np.arange(120))
    opening = (np.abs(x - 80) < 40) & (y > 55) & (y < 68)
    picture[opening] = (220, 215, 210)
    picture[opening & (np.hypot(x - 80, y - 60) < 14)] = (60, 50, 40)
    lids = np.array([[40, 56], [80, 55.5], [120, 56], [120, 68], [80, 69], [40, 68]], np.float32)
    texture = decompose_eye(picture, lids, np.array([80, 60], np.float32), 14.0)
    rows = slice(49 - texture.origin[1], 55 - texture.origin[1])
    hidden = texture.bare_iris[rows, 78 - texture.origin[0] : 83 - texture.origin[0]]
    assert (hidden[..., :3] / hidden[..., 3:]).max() < 90


def test_a_squint_and_a_raised_cheek_narrow_the_eyes():
    def opening(actions: dict[str, float]) -> float:
        frame(actions)
        render = renderer()
        eye = render._eyes._eyes[0]
        points = render._deformer.projected
        return float(points[eye.lower, 1].max() - points[eye.upper, 1].min())

    squint = {"eyeSquintLeft": 1.0, "eyeSquintRight": 1.0}
    laugh = squint | {"cheekSquintLeft": 1.0, "cheekSquintRight": 1.0}
    assert opening(squint) < 0.74 * opening({})
    assert opening(laugh) < 0.65 * opening({})


@pytest.mark.parametrize("name", NAMES)
def test_a_rising_lid_takes_its_skin_along_and_uncovers_the_eye(name):
    wide, rest = (picture.astype(float) for picture in (frame(WIDE, name=name), neutral(name)))
    for eye in renderer(name)._eyes._eyes:
        edge, risen = (
            fitted(name).surface.source[eye.upper],
            renderer(name)._deformer.projected[eye.upper, :2],
        )
        middle = slice(len(edge) // 3, -(len(edge) // 3))
        rise = edge[middle, 1] - risen[middle, 1]
        assert rise.min() > 1.5
        x, y = (np.rint(v).astype(int) for v in (risen[middle, 0], risen[middle, 1] + 0.6 * rise))
        # At rest there is the lid.
        assert np.abs(wide[y, x] - rest[y, x]).mean() > 12


@pytest.mark.parametrize("name", ["amara", "tomas"])
def test_positive_gaze_yaw_moves_both_irises_to_the_right_of_the_picture(name):
    def irises(yaw: float) -> list[float]:
        (face,) = detect_faces(frame(gaze=(yaw, 0), name=name))
        points = face.points
        return [
            float((points[iris, 0] - points[a, 0]) / (points[b, 0] - points[a, 0])) for iris, a, b in IRISES
        ]

    left, middle, right = irises(-15), irises(0), irises(15)
    for eye in range(2):
        assert left[eye] + 0.025 < middle[eye] < right[eye] - 0.025


def test_eye_look_actions_move_the_eyes_when_there_is_no_gaze():
    by_gaze = frame(gaze=(18, 0))
    by_action = frame({"eyeLookOutLeft": 0.6, "eyeLookInRight": 0.6})
    assert np.abs(by_gaze.astype(int) - by_action).mean() < 0.01
    assert np.abs(by_gaze.astype(int) - neutral()).max() > 40


def test_eyes_stay_on_the_camera_when_the_head_turns():
    render = frame(pose=(12,))
    (face,) = detect_faces(render)
    (straight,) = detect_faces(frame())

    def share(points: np.ndarray, iris: int, a: int, b: int) -> float:
        return float((points[iris, 0] - points[a, 0]) / (points[b, 0] - points[a, 0]))

    # Turned to the right and still looking at the camera, the irises stand further left between the corners.
    for iris, a, b in IRISES:
        assert share(face.points, iris, a, b) < share(straight.points, iris, a, b)
