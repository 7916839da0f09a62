"""Behind: the form in which a back end asks for what is behind the person."""

from __future__ import annotations

from collections.abc import Callable

from generation.animation.arrays import UInt8Array

# What is behind the person in this frame, (S, S, 3), wherever the person's alpha (S, S) is less than 255.
Behind = Callable[[UInt8Array], UInt8Array]
