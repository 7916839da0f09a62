from __future__ import annotations

import pytest
import torch

from generation.animation.liveportrait.blocks import SpectralConv2d
from generation.animation.liveportrait.motion_extractor import degrees
from generation.animation.liveportrait.networks import Networks, Options
from generation.animation.liveportrait.renderer import rotation
from generation.animation.liveportrait.warping import places
from tests.generation.animation.liveportrait.small import SMALL, seeded_weights, small_networks

PICTURE = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(3))


def driven(count: int) -> torch.Tensor:
    return 0.2 * torch.randn(count, 21, 3, generator=torch.Generator().manual_seed(4))


@pytest.mark.slow
def test_the_same_weights_and_picture_give_the_same_frame() -> None:
    frames = []
    for networks in (small_networks(), small_networks()):
        volume, motion = networks.source(PICTURE)
        frames.append(networks.frames(volume, motion.keypoints, driven(1)))
    assert torch.equal(*frames)
    assert frames[0].shape == (1, 3, 128, 128)
    assert frames[0].std() > 0


def test_other_weights_give_another_frame() -> None:
    other = Networks.build(seeded_weights(1), sizes=SMALL)
    assert not torch.equal(other.source(PICTURE)[0], small_networks().source(PICTURE)[0])


@pytest.mark.slow
def test_frames_of_a_batch_are_those_made_one_by_one() -> None:
    networks = small_networks()
    volume, motion = networks.source(PICTURE)
    moved = driven(3)
    together = networks.frames(volume, motion.keypoints, moved)
    alone = torch.cat([networks.frames(volume, motion.keypoints, one[None]) for one in moved])
    assert (together - alone).abs().max() < 1e-5
    assert (alone[0] - alone[1]).abs().max() > 1e-4


@pytest.mark.slow
def test_half_precision_is_near_the_whole() -> None:
    networks, half = small_networks(), small_networks(Options(half=True))
    volume, motion = networks.source(PICTURE)
    whole = networks.frames(volume, motion.keypoints, driven(1))
    halved = half.frames(volume, motion.keypoints, driven(1))
    assert halved.dtype == torch.float32
    assert 0 < (whole - halved).abs().max() < 0.05


def test_only_the_networks_of_each_frame_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    monkeypatch.setattr(torch.nn.Module, "compile", lambda part: compiled.append(type(part).__name__))
    small_networks()
    assert compiled == []
    small_networks(Options(compiled=True))
    assert compiled == ["WarpingModule", "SpadeGenerator"]


def test_a_keypoint_that_stays_moves_nothing() -> None:
    networks = small_networks()
    volume, motion = networks.source(PICTURE)
    flow, _ = networks.warping.dense_motion_network(volume, motion.keypoints, motion.keypoints)
    assert (flow[0] - places(volume)).abs().max() < 1e-5


def test_places_run_from_left_to_right_down_and_inwards() -> None:
    grid = places(torch.empty(1, 1, 2, 3, 5))
    assert grid.shape == (2, 3, 5, 3)
    assert grid[0, 0, 0].tolist() == [-1, -1, -1]
    assert grid[0, 0, 4].tolist() == [1, -1, -1]
    assert grid[0, 2, 0].tolist() == [-1, 1, -1]
    assert grid[1, 0, 0].tolist() == [-1, -1, 1]


def test_a_spectral_convolution_divides_by_the_norm() -> None:
    weight = torch.randn(8, 4, 3, 3, generator=torch.Generator().manual_seed(0))
    left, sizes, right = torch.linalg.svd(weight.flatten(1), full_matrices=False)
    convolution = SpectralConv2d(4, 8, 3)
    state = {"weight_orig": weight, "bias": torch.zeros(8), "weight_u": left[:, 0], "weight_v": right[0]}
    convolution.load_state_dict(state)
    picture = torch.rand(1, 4, 6, 6, generator=torch.Generator().manual_seed(1))
    expected = torch.nn.functional.conv2d(picture, weight / sizes[0], padding=1)
    assert (convolution(picture) - expected).abs().max() < 1e-5


@pytest.mark.parametrize(("bin_number", "expected"), [(0, -97.5), (32, -1.5), (33, 1.5), (65, 97.5)])
def test_angles_are_read_from_bins(bin_number: int, expected: float) -> None:
    scores = torch.full((1, 66), -50.0)
    scores[0, bin_number] = 50.0
    assert degrees(scores).item() == pytest.approx(expected, abs=1e-3)


def test_angles_turn_a_nose_as_the_paper_says() -> None:
    nose, crown = torch.tensor([[0.0, 0.0, -1.0]]), torch.tensor([[0.0, -1.0, 0.0]])

    def turned(point: torch.Tensor, pitch: float = 0, yaw: float = 0, roll: float = 0) -> list[float]:
        angles = (torch.tensor([float(angle)]) for angle in (pitch, yaw, roll))
        return [round(value, 3) for value in (point @ rotation(*angles))[0, 0].tolist()]

    assert turned(nose, yaw=30) == [-0.5, 0.0, -0.866]
    assert turned(nose, pitch=30) == [0.0, 0.5, -0.866]
    assert turned(crown, roll=30) == [0.5, -0.866, 0.0]
