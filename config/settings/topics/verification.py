"""Verification for anybody: files of strangers, what one address may do, when misuse is answered."""

from __future__ import annotations

from config.env import env_choice, env_int

# Read by provenance.sandbox itself, which knows no Django; here a word that it would not know is refused.
LIKENESS_SANDBOX = env_choice("LIKENESS_SANDBOX", "whole", choices=("whole", "reduced"))

LIKENESS_VERIFY_READERS = env_int("LIKENESS_VERIFY_READERS", 2, minimum=1, maximum=64)
# What one address may do: an office sends fifty files at once, and nobody fills the disk alone.
LIKENESS_VERIFY_FILES_PER_MINUTE = env_int("LIKENESS_VERIFY_FILES_PER_MINUTE", 120, minimum=1)
# 100 files and 2 GB may wait in all, and one file may have 100 MB.
LIKENESS_VERIFY_WAITING_FILES = env_int("LIKENESS_VERIFY_WAITING_FILES", 60, minimum=1, maximum=100)
LIKENESS_VERIFY_WAITING_MB = env_int("LIKENESS_VERIFY_WAITING_MB", 600, minimum=100, maximum=2000)
LIKENESS_PUBLIC_CALLS_PER_MINUTE = env_int("LIKENESS_PUBLIC_CALLS_PER_MINUTE", 600, minimum=1)
LIKENESS_TAKEDOWN_HOURS = env_int("LIKENESS_TAKEDOWN_HOURS", 24, minimum=1, maximum=720)
