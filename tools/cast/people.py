"""The cast: persons who do not exist, their resting face, and the frames of the truth set.

All numbers are ours; change them freely to make a new person.
"""

from __future__ import annotations

from typing import Any, TypeAlias

Person: TypeAlias = dict[str, Any]
Frame: TypeAlias = dict[str, dict[str, float]]  # "actions" (0..1) and "pose" (degrees), either may be missing

PERSONAS: dict[str, Person] = {
    "maya": dict(
        seed=11,
        pheno=dict(
            gender=1.0,
            age=0.69,
            weight=0.46,
            muscle=0.45,
            african=0.10,
            asian=0.35,
            caucasian=0.55,
            proportions=0.15,
        ),
        local={
            "head-oval": 0.4,
            "cheek-bones-incr": 0.35,
            "nose-volume-incr": -0.25,
            "nose-point-up": 0.2,
            "mouth-lowerlip-volume-incr": 0.35,
            "mouth-upperlip-volume-incr": 0.3,
            "eye-scale-incr": 0.12,
            "chin-width-incr": -0.2,
            "eye-eyefold-up": 0.2,
        },
        skin=(0.60, 0.385, 0.285),
        lip=(0.50, 0.19, 0.17),
        redness=0.9,
        freckles=0.25,
        age_spots=0.1,
        eye=(0.16, 0.085, 0.04),
        brow=dict(color=(0.75, 0.45), density=1.0),
        hair=dict(style="bob", melanin=0.88, red=0.30, part=0.026, cut=-0.115, wave=0.006, n=30000),
        cloth=dict(kind="crew", color=(0.035, 0.105, 0.12), knit=True),
        light="window",
        backdrop=((0.52, 0.49, 0.45), (0.20, 0.19, 0.185), "room"),
    ),
    "tomas": dict(
        seed=23,
        pheno=dict(
            gender=0.0,
            age=0.79,
            weight=0.52,
            muscle=0.58,
            proportions=0.2,
            african=0.05,
            asian=0.08,
            caucasian=0.87,
        ),
        local={
            "head-rectangular": 0.3,
            "nose-hump-incr": 0.25,
            "chin-width-incr": 0.2,
            "chin-prominent-incr": 0.15,
            "eye-bag-incr": 0.2,
            "head-age-incr": 0.12,
            "mouth-scale-horiz-incr": 0.15,
            "forehead-temple-incr": 0.1,
        },
        skin=(0.555, 0.355, 0.27),
        lip=(0.46, 0.215, 0.19),
        redness=1.1,
        freckles=0.1,
        age_spots=0.25,
        eye=(0.17, 0.27, 0.34),
        brow=dict(color=(0.80, 0.3), density=0.95),
        hair=dict(style="crop", melanin=0.80, red=0.30, grey=0.22, length=0.034, n=34000),
        stubble=1.0,
        cloth=dict(kind="crew", color=(0.045, 0.055, 0.085), knit=False),
        light="studio",
        backdrop=((0.33, 0.37, 0.42), (0.10, 0.115, 0.14), "plain"),
    ),
    "amara": dict(
        seed=37,
        pheno=dict(
            gender=1.0,
            age=0.69,
            weight=0.5,
            muscle=0.5,
            african=0.9,
            asian=0.02,
            caucasian=0.08,
            proportions=0.15,
        ),
        local={
            "head-oval": 0.3,
            "cheek-bones-incr": 0.3,
            "eye-scale-incr": 0.12,
            "mouth-lowerlip-volume-incr": 0.2,
            "chin-width-incr": -0.15,
        },
        skin=(0.225, 0.108, 0.066),
        lip=(0.23, 0.085, 0.075),
        redness=0.55,
        freckles=0.05,
        age_spots=0.1,
        eye=(0.075, 0.035, 0.016),
        brow=dict(color=(0.97, 0.2), density=1.1),
        hair=dict(style="coil", melanin=0.985, red=0.2, length=0.038, n=20000),
        cloth=dict(kind="crew", color=(0.55, 0.20, 0.045), knit=True),
        light="window",
        backdrop=((0.50, 0.44, 0.37), (0.22, 0.18, 0.15), "room"),
    ),
    "kenji": dict(
        seed=41,
        pheno=dict(
            gender=0.0,
            age=0.71,
            weight=0.47,
            muscle=0.52,
            proportions=0.15,
            african=0.0,
            asian=0.95,
            caucasian=0.05,
        ),
        local={"head-oval": 0.25, "nose-volume-incr": -0.1, "chin-width-incr": 0.1, "cheek-bones-incr": 0.15},
        skin=(0.56, 0.37, 0.255),
        lip=(0.47, 0.235, 0.20),
        redness=0.75,
        freckles=0.05,
        age_spots=0.1,
        eye=(0.085, 0.045, 0.022),
        brow=dict(color=(0.95, 0.2), density=1.15),
        hair=dict(style="crop", melanin=0.97, red=0.2, length=0.045, n=36000),
        stubble=0.25,
        cloth=dict(kind="crew", color=(0.035, 0.075, 0.055), knit=True),
        light="studio",
        backdrop=((0.42, 0.44, 0.42), (0.15, 0.165, 0.16), "room"),
    ),
    "ingrid": dict(
        seed=53,
        pheno=dict(
            gender=1.0,
            age=0.87,
            weight=0.55,
            muscle=0.42,
            african=0.0,
            asian=0.05,
            caucasian=0.95,
            proportions=0.2,
        ),
        local={
            "head-age-incr": 0.35,
            "eye-bag-incr": 0.25,
            "cheek-volume-incr": 0.1,
            "nose-point-up": 0.1,
            "mouth-laugh-lines-out": 0.2,
        },
        skin=(0.66, 0.455, 0.37),
        lip=(0.52, 0.23, 0.21),
        redness=1.1,
        freckles=0.2,
        age_spots=0.6,
        eye=(0.20, 0.31, 0.30),
        brow=dict(color=(0.45, 0.3), density=0.8),
        hair=dict(
            style="bob", melanin=0.30, red=0.25, grey=0.75, part=-0.02, cut=-0.075, wave=0.004, n=30000
        ),
        cloth=dict(kind="turtle", color=(0.20, 0.045, 0.065), knit=True),
        light="studio",
        backdrop=((0.42, 0.40, 0.39), (0.15, 0.14, 0.14), "plain"),
    ),
}

# The resting face of every portrait: a closed, friendly mouth, a touch of life around the eyes.
REST: dict[str, float] = dict(
    mouthSmileLeft=0.48,
    mouthSmileRight=0.44,
    eyeWideLeft=0.22,
    eyeWideRight=0.22,
    cheekSquintLeft=0.15,
    cheekSquintRight=0.15,
    browInnerUp=0.05,
)


# Ground-truth frames: facial actions (ARKit names, 0..1, added to the rest face) and head pose in degrees.
def both(name: str, v: float) -> dict[str, float]:
    """An action of both sides."""
    return {name + "Left": v, name + "Right": v}


TRUTH: dict[str, Frame] = {
    "00_neutral": dict(),
    "01_jawOpen30": dict(actions=dict(jawOpen=0.3)),
    "02_jawOpen60": dict(actions=dict(jawOpen=0.6)),
    "03_smile70": dict(actions=both("mouthSmile", 0.7)),
    "04_pucker80": dict(actions=dict(mouthPucker=0.8)),
    "05_blink100": dict(actions=both("eyeBlink", 1.0)),
    "06_gazeLeft": dict(actions=dict(eyeLookOutLeft=0.7, eyeLookInRight=0.7)),
    "07_gazeRight": dict(actions=dict(eyeLookInLeft=0.7, eyeLookOutRight=0.7)),
    "08_gazeUp": dict(actions=both("eyeLookUp", 0.7)),
    "09_yawP12": dict(pose=dict(yaw=12)),
    "10_yawM12": dict(pose=dict(yaw=-12)),
    "11_pitchP8": dict(pose=dict(pitch=8)),
    "12_pitchM8": dict(pose=dict(pitch=-8)),
    "13_roll8": dict(pose=dict(roll=8)),
    "14_speech_ah": dict(
        actions=dict(
            jawOpen=0.35,
            mouthLowerDownLeft=0.35,
            mouthLowerDownRight=0.35,
            mouthUpperUpLeft=0.2,
            mouthUpperUpRight=0.2,
            browInnerUp=0.4,
            mouthStretchLeft=0.2,
            mouthStretchRight=0.2,
        ),
        pose=dict(yaw=5, pitch=-3, roll=-2),
    ),
    "15_speech_oo": dict(
        actions=dict(
            jawOpen=0.18,
            mouthFunnel=0.55,
            mouthPucker=0.3,
            eyeBlinkLeft=0.25,
            eyeBlinkRight=0.25,
            browDownLeft=0.2,
            browDownRight=0.2,
        ),
        pose=dict(yaw=-6, pitch=4, roll=3),
    ),
    "16_yawP25": dict(pose=dict(yaw=25)),
    "17_yawM25": dict(pose=dict(yaw=-25)),
}
