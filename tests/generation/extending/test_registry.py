"""Renderers and motion sources are known by name; unknown ones are refused in words."""

from __future__ import annotations

import subprocess
import sys

import pytest

from generation.animation import Animator, ModelIdentity, PixelOrigin
from generation.animation.composition import ComposedAnimator, load_animator
from generation.animation.identity import MODEL_VERSION, model_digest
from generation.animation.registry import MOTION_SOURCES, RENDERERS, PartUnknown
from tests.generation.extending.jaw_motion import JawMotion
from tests.generation.extending.painted_renderer import PaintedRenderer


def test_the_bundled_parts_state_the_model_that_is_bundled() -> None:
    animator = load_animator(renderer="face_rig", motion_source="motion_flow", device="cpu")
    stated = ModelIdentity("Likeness face rig", MODEL_VERSION, model_digest(), PixelOrigin.PORTRAIT)
    assert animator.identity == animator.motion_identity == stated == Animator.load("cpu").identity


def test_the_version_of_the_model_is_that_of_the_release(settings) -> None:
    assert Animator.load("cpu").identity.version == settings.VERSION


@pytest.mark.usefixtures("package")
def test_an_installed_package_adds_parts_and_replaces_none() -> None:
    assert RENDERERS.names() == ("face_rig", "liveportrait", "painted")
    assert MOTION_SOURCES.names() == ("motion_flow", "jaw")
    assert isinstance(RENDERERS.load("painted", "cpu"), PaintedRenderer)
    assert isinstance(RENDERERS.load("face_rig", "cpu"), Animator)


@pytest.mark.usefixtures("package")
def test_parts_that_do_not_know_of_each_other_make_one_animator() -> None:
    animator = load_animator(renderer="painted", motion_source="jaw", device="cpu")
    assert (animator.identity.name, animator.motion_identity.name) == ("Painted pattern", "Jaw only")


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(PartUnknown, match=r"no renderer 'nerf'; known are face_rig, liveportrait\."):
        RENDERERS.load("nerf", "cpu")
    with pytest.raises(PartUnknown, match=r"no motion source 'mocap'; known are motion_flow\."):
        MOTION_SOURCES.load("mocap", "cpu")


def test_a_renderer_must_state_where_its_pixels_come_from() -> None:
    class Silent(PaintedRenderer):
        @property
        def identity(self) -> ModelIdentity:
            return ModelIdentity("Silent", "1", "0" * 64, PixelOrigin.NONE)

    with pytest.raises(ValueError, match="Silent renders, so it must state a pixel origin"):
        ComposedAnimator(Silent(), JawMotion())


@pytest.mark.parametrize(
    ("name", "version", "digest", "complaint"),
    [
        (" ", "1", "0" * 64, "a name and a version"),
        ("A", "", "0" * 64, "a name and a version"),
        ("A", "1", "sha256:0", "digest of A must be 64"),
    ],
)
def test_an_identity_without_its_facts_is_refused(
    name: str, version: str, digest: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        ModelIdentity(name, version, digest, PixelOrigin.PORTRAIT)


def test_names_are_known_without_loading_what_they_stand_for() -> None:
    code = (
        "import sys; from generation.animation.registry import RENDERERS; RENDERERS.names(); "
        "print(sorted({'torch', 'cv2', 'numba', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
