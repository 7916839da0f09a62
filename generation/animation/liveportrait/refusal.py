"""What is said of weights that do not fit. It loads no torch."""

from __future__ import annotations


class WeightsRefused(ValueError):
    """These files are not LivePortrait's published weights, or not those that were named. The text says which
    file, and what is wrong with it."""
