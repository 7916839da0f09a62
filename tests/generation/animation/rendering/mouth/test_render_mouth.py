from __future__ import annotations

import numpy as np
import pytest

from generation.animation.geometry.light import LUMA
from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.rendering.mouth.dental_texture import HALF_ARC, paint_arches, texture_at
from generation.animation.rendering.mouth.lip_gap import LipGap
from generation.animation.rendering.mouth.mouth_colours import MouthColours, estimate_mouth_colours
from generation.animation.rendering.mouth.smile_parting import part_smiling_lips
from tests.generation.animation.pictures import NAMES
from tests.generation.animation.rendered import Image, fitted, frame, landmark, neutral, renderer

pytestmark = pytest.mark.slow

OPENED = {"jawOpen": 0.5}
BROAD_SMILE = {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9}


def lips(actions: dict[str, float], name: str = "amara") -> LipGap:
    """The opening between the lips of a frame, in its pixels."""
    row = np.zeros(52, np.float32)
    for action, value in actions.items():
        row[ACTION_INDEX[action]] = value
    frame(actions, name=name)
    render = renderer(name)
    pixels = (render._deformer.projected + 0.5) * render._scale - 0.5
    return render._mouth.round_lips(pixels.astype(np.float32), row)


def gap(actions: dict[str, float], name: str = "amara") -> float:
    """Largest distance between the lips' inner edges, in face widths."""
    return float(lips(actions, name).height.max() / fitted(name).head.head_width)


def inside(actions: dict[str, float], name: str = "amara") -> np.ndarray:
    """The middle columns (h, 7, 3) of the opened mouth, from lip to lip."""
    found, drawn = lips(actions, name), frame(actions, name=name)
    middle = len(found.x) // 2
    x = round(float(found.x[middle]))
    rows = slice(round(float(found.upper[middle])), round(float(found.lower[middle])))
    return drawn[rows, x - 3 : x + 4].astype(float)


def colours(picture: Image) -> MouthColours:
    """What a picture with the landmarks of the neutral frame says of the mouth."""
    return estimate_mouth_colours(picture, fitted().points[:, :2])


@pytest.mark.parametrize("name", NAMES)
def test_an_opened_jaw_shows_a_lit_tongue_below_a_darker_cavity(name):
    assert gap(OPENED, name) > 0.08
    rows = inside(OPENED, name).mean(1)
    cavity = rows[len(rows) // 4 : len(rows) // 2]
    darkest = cavity[(cavity @ LUMA).argmin()]
    tongue = rows[round(0.65 * len(rows)) : round(0.85 * len(rows))].mean(0)
    lip = neutral(name)[round(landmark(17, name)[1]) - 4, round(landmark(17, name)[0])].astype(float)
    assert tongue @ LUMA > 1.25 * (darkest @ LUMA)
    assert tongue[0] - tongue[1] > darkest[0] - darkest[1]
    assert 0.45 < (tongue @ LUMA) / (lip @ LUMA) < 1.4


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("strength", [0.2, 0.5, 1.0])
def test_mouth_close_undoes_what_jaw_open_opens(name, strength):
    assert gap({"jawOpen": strength, "mouthClose": strength}, name) < 0.01


@pytest.mark.parametrize("name", NAMES)
def test_a_broad_smile_shows_teeth_that_are_brighter_than_the_lips(name):
    rows = inside(BROAD_SMILE, name).mean(1) @ LUMA
    lip = neutral(name)[round(landmark(17, name)[1]) - 4, round(landmark(17, name)[0])] @ LUMA
    assert len(rows) >= 4
    assert rows.max() > 1.15 * lip


def test_a_smiling_m_keeps_its_lips_closed():
    row = np.zeros(52, np.float32)
    for name in ("mouthSmileLeft", "mouthSmileRight", "mouthPressLeft", "mouthPressRight"):
        row[ACTION_INDEX[name]] = 0.9
    before = row.copy()
    part_smiling_lips(row)
    assert np.array_equal(row, before)


@pytest.mark.parametrize("name", NAMES)
def test_the_corners_of_an_opened_mouth_are_round(name):
    heights = lips({"jawOpen": 0.7}, name).height
    part = len(heights) // 6
    assert min(heights[part], heights[-1 - part]) > 0.5 * heights.max()


@pytest.mark.parametrize("name", NAMES)
def test_rounded_lips_leave_a_small_opening(name):
    found = lips({"jawOpen": 0.2, "mouthPucker": 0.7, "mouthFunnel": 0.4}, name)
    parted = found.height > 0.2 * found.height.max()
    assert 0.3 < parted.mean() < 0.62


def test_lips_that_a_smile_would_fold_over_each_other_just_touch():
    assert lips({"mouthSmileLeft": 0.5, "mouthSmileRight": 0.5}).height.min() > -0.6


def test_the_tongue_comes_between_the_teeth_in_a_dental_sound():
    parted = {"jawOpen": 0.16, "mouthLowerDownLeft": 0.3, "mouthLowerDownRight": 0.3}
    plain, dental = (inside(parted | {"tongueOut": out}).mean((0, 1)) for out in (0.0, 0.3))
    assert dental[0] / dental[1] > 1.1 * plain[0] / plain[1]


def test_a_grey_picture_has_a_grey_mouth():
    grey = np.repeat(np.rint(neutral() @ LUMA).astype(np.uint8)[..., None], 3, 2)
    found = colours(grey)
    for colour in (found.enamel, found.gum, found.flesh, found.darkening):
        assert np.ptp(colour) < 0.01 * colour.max()


def test_the_mouth_of_a_yellowed_painting_takes_its_colour():
    yellow = np.rint(neutral() * np.array((1.0, 0.86, 0.55))).astype(np.uint8)
    plain, aged = (found.enamel / (found.enamel @ LUMA) for found in (colours(neutral()), colours(yellow)))
    assert aged[2] < 0.85 * plain[2]


def test_teeth_are_as_bright_as_the_light_of_the_picture():
    dim = np.rint(0.5 * neutral()).astype(np.uint8)
    assert colours(dim).enamel.mean() == pytest.approx(0.5 * colours(neutral()).enamel.mean(), rel=0.1)


def test_the_inside_does_not_show_between_closed_lips():
    x, y = landmark(13)
    closed = frame({"browInnerUp": 1.0, "eyeBlinkLeft": 1.0})
    box = np.s_[int(y) - 8 : int(y) + 9, int(x) - 20 : int(x) + 21]
    assert np.abs(closed[box].astype(int) - neutral()[box]).max() <= 2


def test_lower_teeth_never_fill_half_of_an_opening_however_far_the_lip_is_drawn_down():
    lip_gap = lips({"jawOpen": 0.2, "mouthFunnel": 0.8})
    middle = int(lip_gap.height.argmax())
    edge = renderer()._mouth.teeth.lower_edge[1]
    assert lip_gap.lower[middle] - edge < 0.45 * lip_gap.height[middle]


ROUNDED = {"mouthPucker": 0.6, "mouthFunnel": 0.4}


@pytest.mark.parametrize("name", NAMES)
def test_rounded_lips_of_a_mouth_that_is_wide_open_part_from_corner_to_corner(name):
    """Drawn together over that height their sides were folded blocks of skin."""
    found = lips({"jawOpen": 1.0} | ROUNDED, name)
    assert (found.height > 0.2 * found.height.max()).mean() > 0.75


@pytest.mark.parametrize("name", NAMES)
def test_rounded_lips_draw_the_corners_of_an_open_mouth_together(name):
    wide = {"jawOpen": 0.8}
    plain, rounded = (float(np.ptp(lips(actions, name).x)) for actions in (wide, wide | ROUNDED))
    assert rounded < 0.85 * plain


@pytest.mark.parametrize("name", NAMES)
def test_the_opening_of_an_oo_is_a_ring_whose_upper_edge_is_arched_too(name):
    found = lips({"jawOpen": 0.2, "mouthPucker": 0.7, "mouthFunnel": 0.4}, name)
    parted = np.flatnonzero(found.height > 0.25 * found.height.max())
    ends = (found.upper[parted[0]] + found.upper[parted[-1]]) / 2
    assert ends - found.upper[parted].min() > 0.12 * found.height.max()


@pytest.mark.parametrize("name", NAMES)
def test_upper_teeth_reach_less_than_four_millimetres_below_the_resting_lip(name):
    """In people it is one to four, less with age (Vig & Brundo 1978)."""
    found = lips({}, name)
    teeth = renderer(name)._mouth.teeth
    teeth.place(found.curves, np.zeros(52, np.float32), np.eye(3, 4, dtype=np.float32))
    edge = teeth.arches[0][16, 1] - teeth.pixels_per_mm  # the strip begins a millimetre below the incisors
    assert edge - float(np.median(found.upper[18:30])) < 4.0 * teeth.pixels_per_mm


@pytest.mark.parametrize("name", NAMES)
def test_an_oo_covers_the_upper_teeth_and_a_wide_open_rounded_mouth_does_not(name):
    def shown(jaw: float) -> float:
        found = lips({"jawOpen": jaw} | ROUNDED, name)
        teeth = renderer(name)._mouth.teeth
        edge = teeth.arches[0][16, 1] - teeth.pixels_per_mm
        return float(edge - found.upper[24]) / teeth.pixels_per_mm

    assert shown(0.15) < 1.0
    assert shown(0.9) > 1.0


def test_crowns_of_one_row_differ_and_canines_are_pointed_and_darker():
    per_mm = 4.0
    arches = paint_arches(colours(neutral()), per_mm)

    def pixel(s: float, v: float) -> np.ndarray:
        x, y = np.rint(texture_at(np.array([s]), np.array([v]), False, arches.shape[:2])[0]).astype(int)
        return np.asarray(arches[y, x])

    incisor, canine = pixel(4.2, 5.0)[:3] @ LUMA, pixel(18.8, 5.0)[:3] @ LUMA
    assert canine < 0.93 * incisor
    # Away from its tip the edge of a canine stands more than a millimetre higher.
    assert pixel(18.8, 1.0)[3] > 0.9
    assert pixel(21.6, 1.2)[3] < 0.6
    left, right = (np.array([pixel(side * s, 4.0)[:3] @ LUMA for s in (4.2, 11.8)]) for side in (-1, 1))
    assert np.abs(left / right - 1).max() > 0.01
    assert HALF_ARC > 21.6


def test_the_upper_front_teeth_end_in_one_line():
    """Of an opened mouth that showed little of them only the middle two were seen."""
    per_mm = 4.0
    arches = paint_arches(colours(neutral()), per_mm)
    beside_the_middle_two = np.array([-13.8, -11.8, 11.8, 13.8])
    at = texture_at(beside_the_middle_two, np.full(4, 0.8), False, arches.shape[:2])
    x, y = np.rint(at).astype(int).T
    assert arches[y, x, 3].min() > 0.8
