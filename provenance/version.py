"""The version of Likeness, said here alone: the package is built from it, and manifests carry it."""

from __future__ import annotations

VERSION = "0.18.0"
