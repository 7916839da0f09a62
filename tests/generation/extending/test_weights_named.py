from __future__ import annotations

from generation.checks import offered_weights_are_named


def test_a_renderer_without_its_weights_is_named_by_the_check(settings) -> None:
    assert offered_weights_are_named() == []
    settings.LIKENESS_RENDERERS = ["face_rig", "liveportrait"]
    assert [error.id for error in offered_weights_are_named()] == ["generation.E002"]
    settings.LIKENESS_LIVEPORTRAIT_FOLDER, settings.LIKENESS_LIVEPORTRAIT_DIGEST = "/weights", "a" * 64
    assert offered_weights_are_named() == []
