"""What happens to a signal in a deep stack, as codes with the numbers that a sentence needs."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from fanin.values import Row, Trace
from fanin.values.activation import activation

Code = Literal[
    "steady",
    "vanishing",
    "exploding",
    "saturated",
    "dead",
    "shifted",
    "gradient-vanishing",
    "gradient-exploding",
    "not-finite",
]

_SHRINKS, _GROWS = 0.85, 1.15  # per layer
_LOST, _BLOWN_UP = 0.1, 10.0  # over all layers, however slowly
_MOST_DEAD = 0.5  # half: what ReLU units that answer all inputs alike come to in a deep network, whatever the scale
_MOST_SHIFT = 1.0  # of the pre-activations' mean, in their std


@dataclass(frozen=True, slots=True)
class Word:
    """One thing that happens.

    Attributes:
        code: which.
        values: of a rate: first, last (layer), factor (per layer, in the signal's direction), layers; of a share:
            share, layer; of a shift: mean, std, layer; of what is not finite: layer.
    """

    code: Code
    values: dict[str, float]


def words(measured: Trace, activation_name: str) -> tuple[Word, ...]:
    """All that happens, the signal first; `steady` alone if nothing else does."""
    found = [*_forward(measured, activation_name), *_backward(measured)]
    broken = [word for word in found if word.code == "not-finite"]
    notable = broken[:1] or [word for word in found if word.code != "steady"]
    return tuple(notable or found[:1])


def _forward(measured: Trace, activation_name: str) -> Iterator[Word]:
    stds = measured.series("forward", "std")
    yield from _rate(stds, "vanishing", "exploding")
    phi = activation(activation_name)
    yield from _share(measured, "saturated", 0.6 if phi.kinks else 0.25)
    yield from _share(measured, "dead", _MOST_DEAD)
    yield from _shifted(measured)


def _backward(measured: Trace) -> Iterator[Word]:
    """The gradient comes in at the last layer."""
    yield from _rate(measured.series("backward", "gradient")[::-1], "gradient-vanishing", "gradient-exploding")


def _rate(rows: tuple[Row, ...], shrinks: Code, grows: Code) -> Iterator[Word]:
    """How a size changes from the first of some layers to the last."""
    broken = [row for row in rows if not math.isfinite(row.value)]
    if broken:
        yield Word("not-finite", {"layer": float(broken[0].layer)})
        return
    first, last, steps = rows[0].value, rows[-1].value, len(rows) - 1
    ratio = last / first if first else 0.0
    factor = ratio ** (1 / steps) if steps and first else float(first > 0)
    code: Code = "steady"
    if factor < _SHRINKS or ratio < _LOST:
        code = shrinks
    elif factor > _GROWS or ratio > _BLOWN_UP:
        code = grows
    yield Word(code, {"first": first, "last": last, "factor": factor, "layers": float(len(rows))})


def _share(measured: Trace, statistic: Literal["saturated", "dead"], most: float) -> Iterator[Word]:
    worst = max(measured.series("forward", statistic), key=lambda row: row.value, default=None)
    if worst is not None and worst.value > most:
        yield Word(statistic, {"share": worst.value, "layer": float(worst.layer)})


def _shifted(measured: Trace) -> Iterator[Word]:
    """Layers whose units all see the same shift, larger than what tells them apart."""
    pairs = zip(measured.series("forward", "pre_mean"), measured.series("forward", "pre_std"), strict=True)
    for mean, std in pairs:
        if math.isfinite(mean.value) and abs(mean.value) > _MOST_SHIFT * std.value:
            yield Word("shifted", {"mean": mean.value, "std": std.value, "layer": float(mean.layer)})
            return
