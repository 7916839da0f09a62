"""Experiments with designs of the mark that are not built, and why."""
