"""Nielsen's chapter 3: the accuracy that the book prints and ours, both read from docs/numbers.md."""

import re
from pathlib import Path

from matplotlib.figure import Figure

from fanin.report.pictures.lines import Series
from fanin.report.pictures.lines import draw as lines
from fanin.report.pictures.style import MUTED, color, panel, title

NUMBERS = Path(__file__).parents[1] / "numbers.md"
EPOCHS = (1, 2, 5, 10, 20, 30)
ARMS = (("new", "randn/sqrt(n_in)"), ("old", "randn"))


def draw() -> Figure:
    """Circles are the book's; lines and bands the middle, lowest and highest of our three seeds."""
    figure, axes = panel(5.6, 3.2)
    series = []
    for arm, (name, label) in enumerate(ARMS):
        low, middle, high = zip(*_row(name, "ours"), strict=True)
        series.append(Series(arm, label, EPOCHS, middle, low, high))
        book = [value for (value,) in _row(name, "the book")]
        axes.plot(EPOCHS, book, "o", ms=6, mfc="none", mec=color(arm), zorder=5)
    axes.set_xscale("log")
    lines(axes, series)
    axes.minorticks_off()
    axes.set_xticks(EPOCHS, [str(epoch) for epoch in EPOCHS])
    axes.set_xlabel("epoch", color=MUTED, fontsize=9)
    title(axes, "accuracy on the validation images, %")
    return figure


def _row(name: str, whose: str) -> list[tuple[float, ...]]:
    """The cells of the first row of that name, each with one number or three."""
    found = re.search(rf"^\| {name}[^|\n]*, {whose} \|(.*)\|$", NUMBERS.read_text(), re.MULTILINE)
    assert found is not None, (name, whose)
    return [tuple(map(float, cell.split())) for cell in found[1].split("|")]
