"""Draw the curves of `make scale`; run by matplotlib's own environment, so it imports nothing of the program.

python benchmarks/picture.py build/scale.json docs/scale.svg
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

CURVES = {
    "nothing_due_cpu_s": "a tick in which nothing is due",
    "hundred_due_304_cpu_s": "a poll of 100 due feeds, all 304",
    "search_cpu_s": "a search",
    "close_cpu_s": "an issue with 2,500 candidates",
}


def main(source: Path, target: Path) -> None:
    """Draw one curve for each job, CPU seconds over what is followed and stored, both axes logarithmic."""
    mpl.rcParams |= {"svg.hashsalt": "tracker", "svg.fonttype": "none", "font.size": 11, "font.family": "sans-serif"}
    worlds = json.loads(source.read_text(encoding="utf-8"))["worlds"]
    _, axes = plt.subplots(figsize=(8, 5))
    for key, name in CURVES.items():
        axes.plot(range(len(worlds)), [world[key] for world in worlds.values()], marker="o", label=name)
    sizes = ((int(part) for part in name.split("x")) for name in worlds)
    axes.set_xticks(range(len(worlds)), [f"{feeds:,} feeds\n{entries:,} entries" for feeds, entries in sizes])
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter("{:g}".format))  # 0.2, not 2 × 10⁻¹
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel("CPU seconds, start-up included")
    axes.set_title("What grows with what is followed and stored")
    axes.grid(axis="y", which="both", alpha=0.3)
    axes.legend()
    plt.tight_layout()
    plt.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
