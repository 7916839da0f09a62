"""Prints the watermark benchmark's results as the tables of docs/watermark.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import beta

from benchmarks.watermark.attacks.table import GROUPS

TAIL = 0.1  # of all pairs
NOT_HEADS = {"cartoon", "title", "dark", "pan", "texture"}


def print_tables(folder: Path) -> None:
    """All tables for which there are results."""
    runs = _load(folder, "run")
    if runs:
        _print_cost(runs)
        _print_attacks(runs)
    unmarked = _load(folder, "unmarked")
    if unmarked:
        _print_unmarked(unmarked)
    library = _load(folder, "library")
    if library:
        _print_library(library)


def _load(folder: Path, task: str) -> dict[str, Any]:
    files = sorted(folder.glob(f"{task}-*.json"))
    return {path.stem.removeprefix(f"{task}-"): json.loads(path.read_text()) for path in files}


def _print_cost(runs: dict[str, Any]) -> None:
    print(f"\n{len(runs)} clips, {len({run['key'] for run in runs.values()})} keys.\n")
    print("| clip | strength | PSNR dB | SSIM | ms a frame | kbit/s unmarked | marked |")
    print("|---|---|---|---|---|---|---|")
    for name, run in runs.items():
        plain, marked = run["kbps"]
        quality = f"{run['psnr']:.1f} | {run['ssim']:.4f} | {run['ms']:.2f}"
        rates = f"{plain:.0f} | {marked:.0f} (+{100 * (marked / plain - 1):.0f} %)"
        print(f"| {name} | {run['strength']} | {quality} | {rates} |")
    heads = [run for name, run in runs.items() if name not in NOT_HEADS]
    if heads:
        _print_heads(heads)


def _print_heads(heads: list[dict[str, Any]]) -> None:
    psnr, ssim = [run["psnr"] for run in heads], [run["ssim"] for run in heads]
    plain, marked = np.array([run["kbps"] for run in heads]).T
    growth = 100 * (marked / plain - 1)
    print(f"\n{len(heads)} talking heads: PSNR {min(psnr):.1f} to {max(psnr):.1f} dB,")
    print(f"SSIM {min(ssim):.4f} to {max(ssim):.4f}; growth of the file: median {np.median(growth):.0f} %,")
    print(f"largest {growth.max():.0f} %, over 12 % in {(growth > 12).sum()},", end=" ")
    print(f"of all bits together {100 * (marked.sum() / plain.sum() - 1):.0f} %.")


def lower_end(right: int, count: int) -> float:
    """The lower end of the one-sided 95 % interval of a share (Clopper and Pearson)."""
    return float(beta.ppf(0.05, right, count - right + 1)) if right else 0.0


def _print_attacks(runs: dict[str, Any]) -> None:
    heads = ["attack", "right record", "at least, 95 %", "decoded", "mark found, record unknown"]
    heads += ["inconclusive", "not found", "wrong record", "content agrees: min / median"]
    heads += ["score min / median", "PSNR / SSIM", "CPU s median / worst"]
    print("\n| " + " | ".join(heads) + " |")
    print("|---" * len(heads) + "|")
    everything = []
    for group, members in GROUPS.items():
        in_group = []
        for name in [n for member in members for n in (member, f"{member}, 4 s")]:
            cells = [run["attacks"][name] for run in runs.values() if name in run["attacks"]]
            if cells:
                print(f"| {name} | {_row(cells)} |")
                in_group += cells if not name.endswith("4 s") else []
        if len(members) > 1 and in_group:
            print(f"| **{group}** | {_row(in_group)} |")
        everything += in_group
    print(f"| **all** | {_row(everything)} |")


def _row(cells: list[dict[str, Any]]) -> str:
    count = len(cells)
    right = sum(cell["right"] for cell in cells)
    states = [cell["state"] for cell in cells if not cell["right"] and not cell["wrong"]]
    scores, seconds = [c["score"] for c in cells], [c["read_s"] + c["search_s"] for c in cells]
    contents = [cell["content"] for cell in cells if cell["right"] and cell["content"] is not None]
    agrees = f"{min(contents):.2f} / {np.median(contents):.2f}" if contents else "-"
    costs = [(cell["psnr"], cell["ssim"]) for cell in cells if "psnr" in cell]
    quality = "{:.1f} / {:.3f}".format(*np.median(costs, 0)) if len(costs) == count else "-"
    return (
        f"{right}/{count} ({100 * right / count:.0f} %) | {lower_end(right, count):.0%} "
        f"| {sum(c['by_decoding'] for c in cells)} | "
        f"{states.count('found')} | {states.count('inconclusive')} | {states.count('not_found')} | "
        f"{sum(cell['wrong'] for cell in cells)} | {agrees} | {min(scores):.1f} / {np.median(scores):.1f} | "
        f"{quality} | {np.median(seconds):.1f} / {max(seconds):.1f}"
    )


def _print_unmarked(unmarked: dict[str, Any]) -> None:
    """How far chance reaches, and the exponential that fits the tenth that reaches farthest."""
    files = [file for content in unmarked.values() for file in content]
    states = [state for file in files for state in file["states"]]
    print(f"\nUnmarked: {len(unmarked)} contents, {len(files)} files, {len(states)} pairs of file and key;")
    small = sum(not file["judged"] for file in files)
    print(f"found: {states.count('found')}, inconclusive: {states.count('inconclusive')},")
    print(f"files in which nothing is large enough to be judged: {small}.\n")
    print("| file | pairs | pilot: median | 99 % | greatest | best of 20,000 ids: median | greatest |")
    print("|---" * 7 + "|")
    for title in [*dict.fromkeys(file["treatment"] for file in files), "all"]:
        some = [file for file in files if title in {file["treatment"], "all"}]
        pilots, scores = (np.concatenate([file[field] for file in some]) for field in ("pilots", "scores"))
        print(
            f"| {title} | {len(pilots)} | {np.median(pilots):.2f} | {np.quantile(pilots, 0.99):.2f} | "
            f"{pilots.max():.2f} | {np.median(scores):.1f} | {scores.max():.1f} |"
        )
    pilots = np.concatenate([file["pilots"] for file in files])
    begin = np.quantile(pilots, 1 - TAIL)
    mean = float((pilots[pilots > begin] - begin).mean())
    print(f"\nBeyond {begin:.2f} the excess falls off by e every {mean:.3f}; by that fit:")
    levels = [f"{begin + mean * np.log(TAIL / rate):.2f} in {rate:g}" for rate in (1e-2, 1e-3, 1e-4, 1e-5)]
    print("; ".join(levels) + ".")


def _print_library(library: dict[str, Any]) -> None:
    methods = list(next(iter(library.values())))
    print(f"\n`invisible-watermark`, {len(library)} clips, right bits of 32 (all right in so many clips):\n")
    print("| attack | " + " | ".join(methods) + " |")
    print("|---" * (len(methods) + 1) + "|")
    for name in next(iter(library.values()))[methods[0]]["right"]:
        row = []
        for method in methods:
            right = [one[method]["right"][name] for one in library.values()]
            row.append(f"{100 * np.mean(right):.0f} % ({sum(value == 1 for value in right)})")
        print(f"| {name} | " + " | ".join(row) + " |")
    for method in methods:
        values = [one[method] for one in library.values()]
        means = [np.mean([value[field] for value in values]) for field in ("psnr", "mark_ms", "read_ms")]
        print(
            f"{method}: {means[0]:.1f} dB, {means[1]:.0f} ms to mark a frame, {means[2]:.0f} ms to read one."
        )
