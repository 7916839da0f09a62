from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from generation.animation.identity import PixelOrigin
from generation.animation.liveportrait import __main__ as command
from generation.animation.liveportrait import load as loading
from generation.animation.liveportrait import weights
from generation.animation.liveportrait.networks import Networks
from generation.animation.liveportrait.refusal import WeightsRefused
from generation.animation.liveportrait.weights import (
    FILES,
    HEAD_NAMES,
    HEADS,
    digest_of,
    find_files,
    read_weights,
)
from provenance.manifest.claim import TRAINED, picture_source_type
from tests.generation.animation.liveportrait.small import SMALL, seeded_weights

StateDicts = Mapping[str, Mapping[str, Tensor]]


@pytest.fixture(autouse=True)
def _the_listing_is_of_small_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = {
        name: {key: tuple(value.shape) for key, value in state.items()}
        for name, state in seeded_weights().items()
    }
    monkeypatch.setattr(weights, "listed_shapes", lambda: shapes)


def write(folder: Path, state_dicts: StateDicts) -> Path:
    """The five files, laid out as they were published."""
    for name in FILES[:-1]:
        (folder / "base_models").mkdir(exist_ok=True, parents=True)
        torch.save(dict(state_dicts[name]), folder / "base_models" / f"{name}.pth")
    heads = {
        published: {f"module.{key}": value for key, value in state_dicts[head].items()}
        for head, published in HEAD_NAMES.items()
    }
    (folder / "retargeting_models").mkdir(exist_ok=True)
    torch.save(heads, folder / "retargeting_models" / f"{HEADS}.pth")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "weights", seeded_weights())


def assert_same(read: StateDicts, expected: StateDicts) -> None:
    assert {name: set(state) for name, state in read.items()} == {
        name: set(state) for name, state in expected.items()
    }
    for name, state in expected.items():
        assert all(torch.equal(read[name][key], value) for key, value in state.items())


@pytest.mark.slow
def test_published_files_are_read_where_they_lie(folder: Path) -> None:
    assert_same(read_weights(find_files(folder)), seeded_weights())


def test_safetensors_are_read_too(tmp_path: Path) -> None:
    expected = seeded_weights()
    for name in FILES[:-1]:
        save_file(dict(expected[name]), tmp_path / f"{name}.safetensors")
    heads = {
        f"{published}.module.{key}": value
        for head, published in HEAD_NAMES.items()
        for key, value in expected[head].items()
    }
    save_file(heads, tmp_path / f"{HEADS}.safetensors")
    assert_same(read_weights(find_files(tmp_path)), expected)


def swap(folder: Path) -> None:
    one, other = folder / "base_models/warping_module.pth", folder / "base_models/spade_generator.pth"
    one.rename(folder / "kept")
    other.rename(one)
    (folder / "kept").rename(other)


def cut_short(folder: Path) -> None:
    path = folder / "base_models/motion_extractor.pth"
    path.write_bytes(path.read_bytes()[:500])


def leave_one_out(folder: Path) -> None:
    (folder / "base_models/spade_generator.pth").unlink()


def change_a_shape(folder: Path) -> None:
    state = dict(seeded_weights()["motion_extractor"])
    state["detector.fc_t.weight"] = torch.zeros(4, 16)
    torch.save(state, folder / "base_models/motion_extractor.pth")


def add_a_key(folder: Path) -> None:
    state = {**seeded_weights()["appearance_feature_extractor"], "head.weight": torch.zeros(2)}
    torch.save(state, folder / "base_models/appearance_feature_extractor.pth")


def leave_a_head_out(folder: Path) -> None:
    torch.save({"retarget_eye": {}}, folder / f"retargeting_models/{HEADS}.pth")


class Command:
    """A pickle that would run a program."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("touch ran",)


def run_a_program(folder: Path) -> None:
    torch.save({"detector": Command()}, folder / "base_models/motion_extractor.pth")


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (swap, r"warping_module\.pth does not fit .*: it has no dense_motion_network"),
        (cut_short, r"motion_extractor\.pth cannot be read as weights"),
        (leave_one_out, r"has no file spade_generator\.pth"),
        (change_a_shape, r"motion_extractor\.pth .*fc_t\.weight has shape \(4, 16\) instead of \(3, 16\)"),
        (add_a_key, r"appearance_feature_extractor\.pth .*: it has a head\.weight that those have not"),
        (leave_a_head_out, r"stitching_retargeting_module\.pth, part retarget_shoulder, does not fit"),
        (run_a_program, r"motion_extractor\.pth cannot be read as weights"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name(
    folder: Path, harm: Callable[[Path], None], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    harm(folder)
    with pytest.raises(WeightsRefused, match=sentence):
        read_weights(find_files(folder))
    assert not (folder / "ran").exists()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsRefused, match="no folder"):
        find_files(tmp_path / "missing")


def test_the_digest_is_that_of_the_files(folder: Path, tmp_path: Path) -> None:
    digest = digest_of(find_files(folder))
    assert digest == digest_of(find_files(write(tmp_path / "again", seeded_weights())))
    assert digest != digest_of(find_files(write(tmp_path / "others", seeded_weights(1))))


@pytest.mark.parametrize(
    ("digest", "sentence"), [("", "needs LIKENESS_LIVEPORTRAIT_FOLDER and"), ("0" * 64, "have the digest")]
)
def test_weights_that_are_not_the_named_ones_are_not_loaded(folder: Path, digest: str, sentence: str) -> None:
    with pytest.raises(WeightsRefused, match=sentence):
        loading.load("cpu", {loading.FOLDER: str(folder), loading.DIGEST: digest})


def test_a_renderer_says_whose_weights_it_has(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = Networks.build
    monkeypatch.setattr(Networks, "build", lambda state, **how: build(state, sizes=SMALL, **how))
    digest = digest_of(find_files(folder))
    settings = {loading.FOLDER: str(folder), loading.DIGEST: digest.upper(), loading.BATCH: "4"}
    renderer = loading.load("auto" if not torch.cuda.is_available() else "cpu", settings)
    identity = renderer.identity
    assert (identity.name, identity.digest) == ("LivePortrait", digest)
    assert identity.pixel_origin is PixelOrigin.GENERATED
    assert picture_source_type(has_portrait_pixels=False) == TRAINED
    assert (renderer.options.batch, renderer.options.half, renderer.renders_stretches) == (4, False, False)


def test_the_command_prints_the_line_for_the_settings(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([str(folder)]) == 0
    assert capsys.readouterr().out == f"LIKENESS_LIVEPORTRAIT_DIGEST={digest_of(find_files(folder))}\n"
    leave_one_out(folder)
    assert command.main([str(folder)]) == 1
    assert "spade_generator" in capsys.readouterr().err
    assert command.main([]) == 2
