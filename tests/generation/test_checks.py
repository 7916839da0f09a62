"""The operator is told of kernels that have no machine code: portraits would be refused as too costly."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generation import checks

KERNEL = """from generation.animation.geometry.jit import jit_kernel


@jit_kernel
def add(a, b):
    return a + b
"""


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a kernel, and a module that holds none."""
    monkeypatch.setattr(checks, "KERNELS", tmp_path)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    (tmp_path / "mouth" / "__pycache__").mkdir(parents=True)
    (tmp_path / "mouth" / "lips.py").write_text(KERNEL)
    (tmp_path / "plain.py").write_text('"""Says that @jit_kernel is elsewhere."""\n')
    return tmp_path / "mouth"


def test_kernels_without_machine_code_are_told(kernels: Path) -> None:
    [warning] = checks.kernels_are_compiled()
    assert (warning.id, "mouth/lips.py" in warning.msg) == ("generation.W001", True)


def test_kernels_that_were_compiled_are_not_told_until_their_source_changes(kernels: Path) -> None:
    compiled = kernels / "__pycache__" / "lips.add-4.py311.nbi"
    compiled.touch()
    assert checks.kernels_are_compiled() == []

    later = compiled.stat().st_mtime + 60
    os.utime(kernels / "lips.py", (later, later))
    assert len(checks.kernels_are_compiled()) == 1


def test_where_machine_code_is_kept_elsewhere_nothing_is_told(
    kernels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/somewhere")
    assert checks.kernels_are_compiled() == []
