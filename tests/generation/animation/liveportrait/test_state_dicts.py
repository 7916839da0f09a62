"""Every key and shape of the published weights, by its listing; nothing is allocated."""

from __future__ import annotations

import pytest
import torch

from generation.animation.liveportrait.networks import Networks
from generation.animation.liveportrait.weights import FILES, HEAD_NAMES, listed_shapes

# As the authors published them in assets/docs/speed.md, in millions; the heads together.
PUBLISHED_MILLIONS = {
    "appearance_feature_extractor": 0.84,
    "motion_extractor": 28.12,
    "spade_generator": 55.37,
    "warping_module": 45.53,
}
HEADS_MILLIONS = 0.23
HOURGLASS = "dense_motion_network.hourglass"


@pytest.fixture(scope="module")
def networks() -> Networks:
    with torch.device("meta"):
        built = Networks()
    built.eval()
    return built


def millions(part: torch.nn.Module) -> float:
    return float(sum(parameter.numel() for parameter in part.parameters()) / 1e6)


def test_every_key_and_shape_is_listed_and_no_other(networks: Networks) -> None:
    built = {
        name: {key: tuple(value.shape) for key, value in part.state_dict().items()}
        for name, part in networks.parts().items()
    }
    assert built == listed_shapes()
    assert set(built) == {*FILES[:-1], *HEAD_NAMES}


def test_the_numbers_of_parameters_are_the_published_ones(networks: Networks) -> None:
    parts = networks.parts()
    for name, expected in PUBLISHED_MILLIONS.items():
        assert millions(parts[name]) == pytest.approx(expected, abs=0.005)
    heads = sum(millions(parts[name]) for name in HEAD_NAMES)
    assert heads == pytest.approx(HEADS_MILLIONS, abs=0.005)


@pytest.mark.parametrize(
    ("network", "key", "shape"),
    [
        ("appearance_feature_extractor", "resblocks_3d.3dr5.conv2.weight", (32, 32, 3, 3, 3)),
        ("motion_extractor", "detector.stages.2.8.grn.gamma", (1, 1, 1, 1536)),
        ("motion_extractor", "detector.fc_exp.weight", (63, 768)),
        ("warping_module", "dense_motion_network.mask.weight", (22, 142, 7, 7, 7)),
        ("warping_module", f"{HOURGLASS}.encoder.down_blocks.4.conv.weight", (1024, 512, 3, 3, 3)),
        ("spade_generator", "up_1.conv_s.weight_orig", (64, 256, 1, 1)),
        ("spade_generator", "G_middle_5.conv_1.weight_v", (4608,)),
        ("spade_generator", "conv_img.0.bias", (12,)),
        ("eyes", "mlp.0.weight", (256, 66)),
        ("lips", "mlp.6.bias", (63,)),
        ("stitching", "mlp.6.weight", (65, 64)),
    ],
)  # fmt: skip
def test_shapes_written_down_from_the_published_configuration(network: str, key: str, shape) -> None:
    assert listed_shapes()[network][key] == shape


@pytest.mark.slow
def test_a_picture_of_512_comes_from_one_of_256(networks: Networks) -> None:
    volume, motion = networks.source(torch.empty(1, 3, 256, 256, device="meta"))
    assert volume.shape == (1, 32, 16, 64, 64)
    assert [tuple(part.shape) for part in motion] == [
        (1, 21, 3),
        (1,),
        (1,),
        (1,),
        (1, 3),
        (1, 21, 3),
        (1, 1),
    ]
    keypoints = torch.empty(1, 21, 3, device="meta")
    assert networks.frames(volume, keypoints, keypoints.expand(2, -1, -1)).shape == (2, 3, 512, 512)
    assert networks.stitch(keypoints, keypoints).shape == (1, 21, 3)
    assert networks.retarget_eyes(keypoints, torch.empty(1, 3, device="meta")).shape == (1, 21, 3)
    assert networks.retarget_lips(keypoints, torch.empty(1, 2, device="meta")).shape == (1, 21, 3)
