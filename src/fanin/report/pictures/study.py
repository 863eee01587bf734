"""The curves of a study: one quantity over the epochs, one line per arm, a band from the worst to the best seed."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from fanin.report.pictures.lines import Series, draw
from fanin.report.pictures.style import MUTED, title
from fanin.report.views.study import Arm, cost, curve, inits

_WIDE = 30.0  # costs that differ by more than this are shown on a log scale


def quantities(document: Mapping[str, Any]) -> tuple[str, str]:
    """What the two curves show: the test score that arms are compared by, and the training cost."""
    return "accuracy" if document["metric"] == "accuracy" else "test_loss", "loss"


def curves(axes: Axes, document: Mapping[str, Any], quantity: str, arms: Sequence[Arm] | None = None) -> None:
    """`accuracy` (test, fixed from 0 to 1), `test_loss` or `loss`, of some arms or all."""
    order = inits(document)
    series = [_series(order.index(arm["init"]), arm, quantity) for arm in (document["arms"] if arms is None else arms)]
    values = [y for s in series for y in s.y]
    axes.set_xlabel("epoch", color=MUTED, fontsize=9)
    if quantity == "accuracy":
        title(axes, "test accuracy")
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    else:
        title(axes, f"{cost(document)}, {'training' if quantity == 'loss' else 'test'} set")
    log = quantity != "accuracy" and bool(values) and 0 < _WIDE * min(values) < max(values)
    draw(axes, series, log=log)


def _series(index: int, arm: Mapping[str, Any], quantity: str) -> Series:
    points = curve(arm, quantity)
    return Series(
        index,
        arm["init"],
        [epoch for epoch, _ in points],
        [sum(values) / len(values) for _, values in points],
        [min(values) for _, values in points],
        [max(values) for _, values in points],
    )
