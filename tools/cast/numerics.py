"""Small numerics of both stages: soft steps, rotations, rigid fits, smooth noise."""

import math

import numpy as np


def smooth(a, b, x):
    t = np.clip((x - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def unit(v):
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-12)


def rot(axis, deg):
    a = math.radians(deg)
    c, s = math.cos(a), math.sin(a)
    i, j = [(1, 2), (2, 0), (0, 1)][axis]
    R = np.eye(3)
    R[i, i] = R[j, j] = c
    R[i, j] = -s
    R[j, i] = s
    return R


def kabsch(P, Q):
    """Rigid R, t with R P + t ~ Q."""
    p, q = P.mean(0), Q.mean(0)
    U, _, Vt = np.linalg.svd((P - p).T @ (Q - q))
    D = np.diag([1, 1, np.sign(np.linalg.det(Vt.T @ U.T))])
    R = Vt.T @ D @ U.T
    return R, q - R @ p


def noise3(P, scale, seed, octaves=1):
    """Cheap smooth pseudo-noise in [-1, 1]: random-phase plane waves."""
    r = np.random.default_rng(seed)
    out = np.zeros(len(P))
    for o in range(octaves):
        k = r.normal(size=(14, 3)) * (2 * np.pi / scale) * 2**o * 0.5
        out += np.sin(P @ k.T + r.uniform(0, 6.28, 14)).sum(1) / 14**0.5 / 2**o * 0.75
    return out
