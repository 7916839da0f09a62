"""Hair, ears and neck: what goes along with a head that turns, and what it uncovers."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.rendering.deform import smooth_hair_pose
from tests.generation.animation.rendered import fitted, frame, renderer

pytestmark = pytest.mark.slow

STILL = np.zeros(6, np.float32)


def test_hair_that_still_follows_moves_without_the_face():
    render = renderer()
    turned = np.array([10, 0, 0, 0, 0, 0], np.float32)
    row, gaze = np.zeros(52, np.float32), np.zeros(2, np.float32)
    together, late = (render.frame(row, turned, gaze, 0.0, hair).astype(int) for hair in (turned, STILL))
    x, y = (int(v) for v in fitted().points[1, :2])
    assert np.abs(together - late)[y - 30 : y + 30, x - 30 : x + 30].max() == 0
    assert np.abs(together - late)[: y - 120].max() > 40


def test_hair_comes_to_rest_where_the_head_is():
    jump = np.zeros((40, 6), np.float32)
    jump[1:, 0] = 12
    hair = smooth_hair_pose(jump, 25)
    assert 0 < hair[1, 0] < 9
    assert (np.diff(hair[:, 0]) >= 0).all()
    assert hair[-1, 0] == pytest.approx(12, abs=0.01)


def test_hair_lags_by_the_same_time_at_any_frame_rate():
    def after(fps: int) -> float:
        turn = np.zeros((fps, 6), np.float32)
        turn[1:, 0] = 10
        return float(smooth_hair_pose(turn, fps)[fps // 5, 0])

    assert after(25) == pytest.approx(after(50), abs=0.05)


def ear_and_nose(pose: tuple[float, ...]) -> tuple[float, float]:
    """How far right the left ear's pixels and the nose's tip have moved, in frame units."""
    render = renderer("tomas")
    frame(pose=pose, name="tomas")
    seen, at_rest = render._deformer.projected, fitted("tomas").surface.source
    points = fitted("tomas").points
    nose = int(np.linalg.norm(at_rest - points[1, :2], axis=1).argmin())
    ear = int(np.linalg.norm(at_rest - (points[234, :2] - (14, 0)), axis=1).argmin())
    return float(seen[ear, 0] - at_rest[ear, 0]), float(seen[nose, 0] - at_rest[nose, 0])


def test_an_ear_stays_about_where_it_is_while_the_nose_swings_past():
    ear, nose = ear_and_nose((12,))
    assert nose > 20
    assert abs(ear) < 0.4 * nose


def hidden_layer(name: str, pose: tuple[float, ...], pixels_of: tuple[float, ...]):
    """The plate of a presenter with the hidden layer on it that a head in `pose` uncovers, its vertices where
    they are for a head in `pixels_of`."""
    render = renderer(name)
    head = np.zeros((2, 6), np.float32)
    head[0, : len(pose)], head[1, : len(pixels_of)] = pose, pixels_of
    render._deformer.pose(np.zeros(52, np.float32), head[1], head[1], 0.0)
    pixels = (render._deformer.projected + 0.5) * render._scale - 0.5
    pixels[:, 2] = render._deformer.projected[:, 2]
    render._hidden.place(pixels.astype(np.float32), head[0])
    return render._hidden.behind(np.zeros((render.size, render.size), np.uint8)).copy()


@pytest.mark.parametrize("name", ["tomas", "maya"])
def test_what_lies_behind_the_person_shows_nowhere_as_long_as_the_head_is_at_rest(name):
    render = renderer(name)
    for pose in ((1,), (-1,), (0, 1), (0, -1)):  # which side is drawn depends on the sign
        hidden = hidden_layer(name, pose, ())
        changed = np.abs(hidden.astype(int) - render.layers.plate).max(2)
        margin = render.layers.margin
        alpha = render.layers.person[margin : margin + 512, margin : margin + 512, 3]
        assert (changed > 2).sum() > 500
        assert (changed * (1 - alpha / 255)).max() < 0.5  # grey levels


def test_a_turned_head_uncovers_jaw_and_neck_and_not_the_background():
    points, plate = fitted("tomas").points, renderer("tomas").layers.plate.astype(int)
    for yaw, lobe in ((25, 132), (-25, 361)):
        turned = frame(pose=(yaw,), name="tomas").astype(int)
        # Below the ear that comes into view, down to the collar.
        x, top, bottom = points[lobe, 0], points[lobe, 1] + 12, points[152, 1] - 12
        towards = 1 if yaw > 0 else -1
        columns = sorted((round(x + 30 * towards), round(x + 50 * towards)))
        there = np.s_[round(top) : round(bottom), columns[0] : columns[1]]
        warmth = (turned[..., 0] - turned[..., 2])[there]
        backdrop = np.abs(turned - plate).max(2)[there] < 6
        assert np.median(warmth) > 25  # the backdrop is a cold grey, skin is warm
        assert backdrop.mean() < 0.25


@pytest.mark.parametrize("name", ["amara", "tomas"])
@pytest.mark.parametrize(
    "pose",
    [(-14, 4), (-14, -4), (14, 4), (14, -4), (25,), (15, 8, 8), (-15, 8, 8), (15, -8, -8), (-15, 8, -8)],
)
def test_nothing_of_the_back_of_a_head_stands_out_on_the_side_that_it_turns_to(name, pose, monkeypatch):
    shown = frame(pose=pose, name=name).astype(int)
    monkeypatch.setattr(renderer(name)._hidden, "place", lambda pixels, head_pose: None)
    monkeypatch.setattr(renderer(name)._hidden, "_placed", 0)
    alone = frame(pose=pose, name=name).astype(int)
    brows, middle = (round(float(v)) for v in fitted(name).points[9, 1::-1])
    far = np.s_[:brows, : middle - 20] if pose[0] < 0 else np.s_[:brows, middle + 20 :]
    assert (np.abs(shown - alone).max(2)[far] > 25).sum() < 5


@pytest.mark.parametrize("yaw", [25, -25])
def test_the_outline_of_the_back_of_a_head_is_as_soft_as_the_hair_of_the_picture(yaw):
    """Coily hair has no sharp edge, neither at rest nor where the back of the head ends."""

    def widths(pose: tuple[float, ...]) -> float:
        """Pixels over which hair passes into the backdrop, the median of rows between crown and eyes."""
        drawn, plate = frame(pose=pose).astype(float), renderer().layers.plate.astype(float)
        points = fitted().points
        rows = range(round(points[10, 1] - 30), round(points[9, 1]))
        found = []
        for y in rows:
            line = np.abs(drawn[y] - plate[y]).max(1)[:: 1 if yaw > 0 else -1]
            found.append(float(np.argmax(line > 60) - np.argmax(line > 15)))
        return float(np.median(found))

    assert widths((yaw,)) > 0.5 * widths(())


def test_a_neck_that_a_jaw_uncovers_has_no_hole_towards_the_jaw():
    points, plate = fitted().points, renderer().layers.plate.astype(int)
    turned = np.abs(frame(pose=(25,)).astype(int) - plate).max(2) > 12
    rows = range(round(points[132, 1] + 20), round(points[152, 1]))
    # From the neck's edge to the chin there is nothing but the person.
    for y in rows:
        person = np.flatnonzero(turned[y, : round(points[152, 0])])
        assert person[-1] - person[0] - len(person) < 4


@pytest.mark.parametrize(("yaw", "side"), [(25, 0), (-25, -1)])
def test_hair_goes_on_behind_an_ear_that_comes_into_view(yaw, side):
    """Short hair ends at the ear: between crown and ear there is the back of a head, no notch."""
    brows, plate = fitted("tomas").points[9, 1], renderer("tomas").layers.plate.astype(int)

    def edges(pose):
        person = np.abs(frame(pose=pose, name="tomas").astype(int) - plate).max(2) > 25
        return np.array([np.flatnonzero(person[y])[side] for y in range(round(brows - 40), round(brows + 5))])

    assert np.abs(edges((yaw,)) - edges(())).max() < 25


def test_the_back_of_a_head_with_short_hair_closes_towards_the_nape():
    points, plate = fitted("tomas").points, renderer("tomas").layers.plate.astype(int)
    uncovered = np.abs(hidden_layer("tomas", (25,), (25,)).astype(int) - plate).max(2) > 8
    eyes, lobes = round(points[168, 1]), round(points[[132, 361], 1].mean())
    assert np.argmax(uncovered[lobes - 3]) - np.argmax(uncovered[eyes]) > 32


def test_the_back_of_a_head_has_strands_where_the_temple_has_little_hair():
    points = fitted("tomas").points
    eyes, lobes = round(points[168, 1]), round(points[[132, 361], 1].mean())
    hidden = hidden_layer("tomas", (25,), (25,)).astype(int)
    left = np.argmax(np.abs(hidden - renderer("tomas").layers.plate).max(2)[eyes] > 8)
    there = hidden[eyes - 30 : (eyes + lobes) // 2, left + 12 : left + 46].mean(2)  # inside of its soft edge
    assert np.abs(np.diff(there, axis=0)).mean() > 3.5


@pytest.mark.parametrize("name", ["tomas", "maya"])
def test_hair_above_the_forehead_turns_with_it(name):
    render, points = renderer(name), fitted(name).points
    frame(pose=(20,), name=name)
    surface = fitted(name).surface
    seen, at_rest = render._deformer.projected, surface.source
    relief = slice(surface.mesh_size, surface.hidden_start)

    def moved(at):
        nearest = np.argsort(np.linalg.norm(at_rest[relief] - at, axis=1))[:4] + surface.mesh_size
        return float((seen[nearest, 0] - at_rest[nearest, 0]).mean())

    brows = points[9, :2]
    assert moved(points[10, :2] + (0, -30)) > 0.86 * moved(brows)


def test_the_outline_of_the_hair_is_completed_where_the_head_turns_away():
    """The crown's outline stays about where it is, as a round head's does."""
    rest, turned = (frame(pose=pose, name="maya").astype(int) for pose in ((), (20,)))
    plate = renderer("maya").layers.plate.astype(int)
    y = round(fitted("maya").points[9, 1])

    def left_edge(picture):
        return int(np.argmax(np.abs(picture[y] - plate[y]).max(1) > 40))

    assert abs(left_edge(turned) - left_edge(rest)) < 14
