from __future__ import annotations

import hashlib

import numpy as np

from generation.animation.geometry.rig import ACTION_INDEX, ASSET, JOINTS, FaceRig
from generation.animation.track.arkit import ARKIT_ACTIONS


def test_the_asset_is_the_one_whose_hash_is_written_beside_it():
    written = ASSET.with_suffix(".sha256").read_text().split()[0]
    assert hashlib.sha256(ASSET.read_bytes()).hexdigest() == written


def test_it_has_a_head_with_52_actions_and_7_joints():
    rig = FaceRig.load()
    assert rig.vertices.shape == (4538, 3)
    assert rig.actions.shape == (len(ARKIT_ACTIONS), 4538, 3)
    assert rig.joints.shape == (len(JOINTS), 3)
    assert np.abs(rig.skinning.sum(1) - 1).max() < 1e-5
    assert (np.abs(rig.actions).max((1, 2)) > 1e-4).all()


def test_left_actions_move_the_picture_right_side():
    rig = FaceRig.load()
    for action in ("eyeBlinkLeft", "mouthSmileLeft", "browDownLeft"):
        moved = np.abs(rig.actions[ACTION_INDEX[action]]).sum(1)
        assert (rig.vertices[:, 0] * moved).sum() / moved.sum() > 0.01


def test_edges_of_lids_and_lips_run_from_left_to_right():
    rig = FaceRig.load()
    for name, loop in rig.loops.items():
        across = rig.vertices[loop, 0]
        assert across[0] == across.min(), name
        assert across[-1] == across.max(), name
    for edge in ("lips", "lids.L", "lids.R"):
        upper, lower = rig.loops[f"{edge}.upper"], rig.loops[f"{edge}.lower"]
        assert upper[0] == lower[0]
        assert upper[-1] == lower[-1]
        assert rig.vertices[upper, 1].mean() < rig.vertices[lower, 1].mean()


def test_the_lower_teeth_go_down_with_the_jaw_and_stay_when_lips_close():
    rig = FaceRig.load()
    teeth = np.c_[rig.lower_teeth.vertices, np.ones(len(rig.lower_teeth.vertices))]
    assert (teeth @ rig.jaw_motion[ACTION_INDEX["jawOpen"]].T)[:, 1].min() > 0.005
    assert np.abs(teeth @ rig.jaw_motion[ACTION_INDEX["mouthClose"]].T).max() < 1e-3


def test_the_upper_teeth_stand_behind_the_lips_and_show_below_their_edge():
    rig = FaceRig.load()
    lip = rig.vertices[rig.loops["lips.upper"]]
    front = rig.upper_teeth.vertices[np.abs(rig.upper_teeth.vertices[:, 0]) < 0.008]
    assert front[:, 2].min() > lip[:, 2].min()
    assert 0 < front[:, 1].max() - lip[:, 1].max() < 0.006
