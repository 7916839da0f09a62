from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from generation.animation import Animator, MotionControls, MotionTrack, PortraitRejected
from generation.animation.rendering import batched, device_probe
from tests.generation.animation.pictures import portrait
from tests.generation.animation.rendered import fitted

pytestmark = pytest.mark.slow


def test_it_draws_on_the_cpu_when_told_to():
    assert Animator.load(device="cpu").device == "cpu"


def test_auto_looks_for_a_faster_device_only_where_there_is_one():
    assert Animator.load(device="auto").device == ("auto" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize(("on_card", "chosen"), [(299.0, "cpu"), (301.0, "cuda")])
def test_auto_takes_the_card_that_draws_three_times_as_fast_and_asks_once(monkeypatch, on_card, chosen):
    monkeypatch.setattr(device_probe, "_chosen", {})
    asked = []

    def rate(portrait, size, device):
        asked.append(device)
        return on_card if device == "cuda" else 100.0

    assert [device_probe.probed_device(fitted(), 256, rate) for _ in range(2)] == [chosen, chosen]
    assert asked == ["cuda", "cpu"]


@pytest.mark.parametrize("device", ["cpu", "cpu:0"])
def test_the_probe_draws_frames_one_by_one_or_in_batches(monkeypatch, device):
    monkeypatch.setattr(batched, "PIXELS", 2 * 256**2)
    assert device_probe.frames_per_s(fitted(), 256, device) > 0


def test_an_animator_says_where_it_draws(monkeypatch):
    monkeypatch.setattr(device_probe, "_chosen", {256: "cuda"})
    assert Animator("auto").drawing_device(fitted(), 256) == "cuda"
    assert Animator("cpu").drawing_device(fitted(), 256) == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_is_refused_where_there_is_none():
    with pytest.raises(RuntimeError, match="no CUDA device"):
        Animator.load(device="cuda")


def test_an_unknown_device_is_refused():
    with pytest.raises(ValueError, match="auto, cpu, cuda"):
        Animator.load(device="tpu")


def test_it_fits_a_portrait_and_renders_it():
    animator = Animator.load()
    portrait_fit = animator.fit(portrait("tomas"))
    frames = list(animator.render(portrait_fit, MotionTrack.neutral(2, 25), size=256))
    assert [f.shape for f in frames] == [(256, 256, 3)] * 2


def test_it_rejects_a_picture_without_a_face():
    with pytest.raises(PortraitRejected) as refused:
        Animator.load().fit(np.full((400, 400, 3), 127, np.uint8))
    assert refused.value.code == "no_face"


def test_speech_drives_as_many_frames_as_it_lasts():
    track = Animator.load().drive(
        np.zeros(16000, np.float32), 16000, controls=MotionControls(), seed=1, fps=30
    )
    assert isinstance(track, MotionTrack)
    assert len(track) == 30


def test_a_wrong_size_is_refused_before_the_first_frame():
    with pytest.raises(ValueError, match="size"):
        Animator.load().render(fitted(), MotionTrack.neutral(1, 25), size=100)


def test_the_vocabulary_loads_without_the_compiled_parts():
    code = (
        "import sys; from generation.animation import MotionControls, MotionTrack; "
        "print(sorted({'torch', 'cv2', 'numba', 'ai_edge_litert'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
