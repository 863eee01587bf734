"""The spread of a sum of n weights times inputs, over n: with weights of std 1, and of std 1/sqrt(n)."""

import numpy as np
from matplotlib.figure import Figure

import fanin
from fanin.report.pictures.lines import Series
from fanin.report.pictures.lines import draw as lines
from fanin.report.pictures.style import MUTED, panel, title

SCHEMES = ("randn", "randn/sqrt(n_in)")
FANS = (4, 16, 64, 256, 1024)


def draw() -> Figure:
    """Dots measured on 200 units and 200 inputs, lines by the formula."""
    figure, axes = panel(5.6, 3.0)
    axes.set_xscale("log", base=2)
    arms = [
        Series(arm, scheme, FANS, law, law, law, [(n, _spread(scheme, n)) for n in FANS])
        for arm, (scheme, law) in enumerate(zip(SCHEMES, (np.sqrt(FANS), np.ones(len(FANS))), strict=True))
    ]
    lines(axes, arms, log=True)
    axes.set_xticks(FANS, [f"{n:,}" for n in FANS])
    axes.set_yticks([1, 2, 4, 8, 16, 32], ["1", "2", "4", "8", "16", "32"])
    axes.set_xlabel("number of inputs, fan_in", color=MUTED, fontsize=9)
    title(axes, "std of a unit's weighted sum, for inputs of std 1")
    return figure


def _spread(scheme: str, n: int) -> float:
    weights, inputs = fanin.sample(scheme, (200, n), seed=0), fanin.sample("randn", (200, n), seed=0, path="inputs")
    return float((inputs @ weights.T).std())
