"""What the parts of a person look like: skin, hair, eyes, teeth, cloth."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from tools.cast.people import Person
from tools.cast.picture.objects import SCALE
from tools.cast.picture.shader_graph import finish, material


def skin(p: Person) -> Any:
    """Skin with pores, spots and freckles; it reads the vertices' attributes."""
    m, n = material("skin")
    rest = n("Attribute", attribute_name="rest").outputs["Vector"]
    base = n("Attribute", attribute_name="col").outputs["Vector"]
    fr = n("Attribute", attribute_name="freck").outputs["Fac"]
    lip = n("Attribute", attribute_name="lipm").outputs["Fac"]
    rg = n("Attribute", attribute_name="rough").outputs["Fac"]
    n1 = n("TexNoise", {"Vector": rest, "Scale": 520.0, "Detail": 3.0}).outputs["Fac"]
    n2 = n("TexNoise", {"Vector": rest, "Scale": 130.0, "Detail": 4.0}).outputs["Fac"]
    c = n.mix(1.0, base, n.ramp(n1, [(0.3, (0.90, 0.88, 0.88)), (0.7, (1.06, 1.08, 1.08))]), "MULTIPLY")
    c = n.mix(1.0, c, n.ramp(n2, [(0.3, (0.96, 0.90, 0.90)), (0.7, (1.03, 1.06, 1.06))]), "MULTIPLY")
    spots = n("TexVoronoi", {"Vector": rest, "Scale": 230.0, "Randomness": 1.0})
    s2 = n("TexNoise", {"Vector": rest, "Scale": 60.0}).outputs["Fac"]
    f = n.math(
        "MULTIPLY", n.math("SUBTRACT", n.math("MULTIPLY", s2, 0.62), spots.outputs["Distance"]), 5.0, True
    )
    f = n.math("MULTIPLY", f, n.math("MULTIPLY", fr, p["freckles"] * 1.1))
    c = n.mix(f, c, tuple(np.array(p["skin"]) * (0.52, 0.36, 0.28)))
    sp2 = n("TexVoronoi", {"Vector": rest, "Scale": 62.0, "Randomness": 1.0}).outputs["Distance"]
    f2 = n.math(
        "MULTIPLY",
        n.math("MULTIPLY", n.math("SUBTRACT", n.math("SUBTRACT", s2, 0.42), sp2), 8.0, True),
        0.32 * p["age_spots"],
    )
    c = n.mix(f2, c, tuple(np.array(p["skin"]) * (0.55, 0.38, 0.30)))
    pores = n("TexVoronoi", {"Vector": rest, "Scale": 1150.0, "Randomness": 0.9}).outputs["Distance"]
    pn = n.ramp(pores, [(0.0, 0.0), (0.42, 1.0)])
    wr = n("TexVoronoi", {"Vector": rest, "Scale": 560.0}, feature="DISTANCE_TO_EDGE").outputs["Distance"]
    lips = n(
        "TexNoise",
        {
            "Vector": n("VectorMath", {0: rest, 1: (1, 1, 0.12)}, operation="MULTIPLY").outputs[0],
            "Scale": 900.0,
            "Detail": 2.0,
        },
    ).outputs["Fac"]
    h = n.math(
        "ADD",
        n.math("MULTIPLY", pn, 0.55),
        n.math(
            "ADD",
            n.math("MULTIPLY", n.ramp(wr, [(0.0, 0.0), (0.12, 1.0)]), 0.16),
            n.math("MULTIPLY", n2, 1.4),
        ),
    )
    h = n("Mix", {0: lip, 2: h, 3: n.math("MULTIPLY", lips, 3.2)}).outputs[0]
    b = n("Bump", {"Strength": 0.55, "Distance": 0.00022 * SCALE, "Height": h}).outputs[0]
    rr = n.math("ADD", rg, n.math("MULTIPLY", n.math("SUBTRACT", n1, 0.5), 0.22))
    dark = np.mean(p["skin"]) < 0.2
    s = n(
        "BsdfPrincipled",
        {
            "Base Color": c,
            "Roughness": rr,
            "Subsurface Weight": 1.0,
            "Subsurface Radius": (1.0, 0.36, 0.18) if not dark else (1.0, 0.42, 0.24),
            "Subsurface Scale": (0.0042 if not dark else 0.0026) * SCALE,
            "Specular IOR Level": 0.42 if not dark else 0.46,
            "Normal": b,
            "Coat Weight": 0.06,
            "Coat Roughness": 0.28,
        },
    )
    s.subsurface_method = "RANDOM_WALK"
    finish(n, s.outputs[0])
    return m


def hairmat(nm: str, melanin: float, red: float, grey: float = 0.0, rough: float = 0.30) -> Any:
    """Hair by its melanin; a share of `grey` strands has next to none."""
    m, n = material(nm)
    info_ = n("HairInfo")
    rnd = info_.outputs["Random"]
    s = n(
        "BsdfHairPrincipled",
        {
            "Melanin": melanin,
            "Melanin Redness": red,
            "Roughness": rough,
            "Radial Roughness": 0.38,
            "Random Color": 0.25,
            "Random Roughness": 0.2,
            "Coat": 0.0,
        },
        parametrization="MELANIN",
        model="CHIANG",
    )
    if grey:
        g = n.math(
            "LESS_THAN",
            n("TexWhiteNoise", {"W": n.math("MULTIPLY", rnd, 917.3)}, noise_dimensions="1D").outputs["Value"],
            grey,
        )
        n.link(n("Mix", {0: g, 2: melanin, 3: 0.07}).outputs[0], s.inputs["Melanin"])
    finish(n, s.outputs[0])
    return m


def eye_inner(picture: str) -> Any:
    """Iris and sclera, from the file of their picture."""
    m, n = material("eye")
    im = bpy.data.images.load(picture)
    t = n("TexImage")
    t.image = im
    t.extension = "EXTEND"
    s = n(
        "BsdfPrincipled",
        {
            "Base Color": t.outputs[0],
            "Roughness": 0.45,
            "Subsurface Weight": 0.35,
            "Subsurface Radius": (1.0, 0.5, 0.35),
            "Subsurface Scale": 0.0018 * SCALE,
            "Specular IOR Level": 0.2,
        },
    )
    finish(n, s.outputs[0])
    return m


def eye_film() -> Any:
    """The wet film before them."""
    m, n = material("film")
    tr = n("BsdfTransparent")
    g = n("BsdfGlossy", {"Roughness": 0.025})
    f = n("Fresnel", {"IOR": 1.38}).outputs[0]
    lp = n("LightPath")
    f = n.math("MULTIPLY", f, n.math("SUBTRACT", 1.0, lp.outputs["Is Shadow Ray"]))
    x = n("MixShader", {0: f})
    n.link(tr.outputs[0], x.inputs[1])
    n.link(g.outputs[0], x.inputs[2])
    finish(n, x.outputs[0])
    return m


def wet(nm: str, c: tuple[float, float, float], rough: float = 0.18, sss: float = 0.003) -> Any:
    """Wet flesh."""
    m, n = material(nm)
    s = n(
        "BsdfPrincipled",
        {
            "Base Color": (*c, 1),
            "Roughness": rough,
            "Subsurface Weight": 0.8,
            "Subsurface Radius": (1.0, 0.6, 0.45),
            "Subsurface Scale": sss * SCALE,
            "Coat Weight": 0.5,
            "Coat Roughness": 0.1,
        },
    )
    finish(n, s.outputs[0])
    return m


def teethmat() -> Any:
    """Enamel, and gum where the attribute `k` is 0."""
    m, n = material("teeth")
    k = n("Attribute", attribute_name="k").outputs["Fac"]
    c = n.mix(k, (0.50, 0.16, 0.15), (0.74, 0.66, 0.55))
    s = n(
        "BsdfPrincipled",
        {
            "Base Color": c,
            "Roughness": 0.22,
            "Subsurface Weight": 0.6,
            "Subsurface Radius": (1.0, 0.75, 0.6),
            "Subsurface Scale": 0.0022 * SCALE,
            "Coat Weight": 0.4,
            "Coat Roughness": 0.08,
        },
    )
    finish(n, s.outputs[0])
    return m


def cloth(p: Person, rib: bool = False) -> Any:
    """What is worn, knitted or woven; `rib` for its band."""
    m, n = material("cloth" + str(rib))
    c = p["cloth"]["color"]
    obj = n("TexCoord").outputs["Object"]
    knit = p["cloth"]["knit"]
    if rib:
        uv = n("TexCoord").outputs["UV"]
        sep = n("SeparateXYZ", {0: uv})
        h = n.math("SINE", n.math("MULTIPLY", sep.outputs[0], 6.2832 * (105 if knit else 160)))
        h = n.math(
            "ADD",
            h,
            n.math("MULTIPLY", n("TexNoise", {"Vector": obj, "Scale": 60.0}).outputs["Fac"], 0.7),
        )
        dist = 0.0009 if knit else 0.0004
    elif knit:
        sep = n("SeparateXYZ", {0: obj})
        a = n.math("MULTIPLY", sep.outputs[0], 6.2832 / (0.0042 * SCALE))
        zig = n.math("ABSOLUTE", n.math("SINE", n.math("MULTIPLY", a, 0.5)))
        h = n.math(
            "SINE",
            n.math(
                "ADD",
                n.math("MULTIPLY", sep.outputs[2], 6.2832 / (0.0036 * SCALE)),
                n.math("MULTIPLY", zig, 2.6),
            ),
        )
        h = n.math("ADD", n.math("MULTIPLY", h, 0.55), zig)
        dist = 0.0009
    else:
        h = n("TexNoise", {"Vector": obj, "Scale": 240.0, "Detail": 2.0}).outputs["Fac"]
        dist = 0.0003
    fold = n(
        "TexNoise",
        {
            "Vector": n("VectorMath", {0: obj, 1: (1.0, 1.0, 0.45)}, operation="MULTIPLY").outputs[0],
            "Scale": 1.15,
            "Detail": 1.5,
            "Distortion": 0.6,
        },
    ).outputs["Fac"]
    b0 = n(
        "Bump",
        {
            "Strength": 0.8 if not rib else 0.0,
            "Distance": 0.030 * SCALE * (0.45 if knit else 0.6),
            "Height": fold,
        },
    ).outputs[0]
    b = n("Bump", {"Strength": 0.8, "Distance": dist * SCALE, "Height": h, "Normal": b0}).outputs[0]
    cc = n.mix(
        n.math("MULTIPLY", n("TexNoise", {"Vector": obj, "Scale": 30.0, "Detail": 4.0}).outputs["Fac"], 0.5),
        tuple(np.array(c) * 1.12),
        tuple(np.array(c) * 0.8),
    )
    s = n(
        "BsdfPrincipled",
        {
            "Base Color": cc,
            "Roughness": 0.85,
            "Specular IOR Level": 0.2,
            "Sheen Weight": 0.35 if knit else 0.18,
            "Sheen Roughness": 0.4,
            "Normal": b,
        },
    )
    finish(n, s.outputs[0])
    return m
