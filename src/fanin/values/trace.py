"""One table for experiment and theory, so that the two subtract."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from fanin.values import codec

Direction = Literal["weight", "forward", "backward"]
Statistic = Literal[
    # direction "weight": of the weight matrix itself, and of the bias ("bias_"); of the finite entries
    "mean",
    "std",
    "min",
    "max",
    "zeros",
    "finite",
    "bias_mean",
    "bias_std",
    "bias_finite",
    "tiny",  # share of the entries that are not 0 and below 1e-30 in magnitude
    "forget_bias",  # mean bias of an LSTM's forget gates, the sum of both if it has two
    "kurtosis",  # fourth moment over the squared second, about the mean: 1.8 uniform, 3 normal
    # share of the units that differ in weights and bias: at the start, and after a few steps of gradient descent
    "distinct_rows",
    "distinct_after",
    # direction "forward", of the batch (layer "input", "target"): share of the summed variance that the largest feature
    # has, which one that is, and how many vary at all; of the commonest label
    "feature_share",
    "feature",
    "features",
    "majority",
    # direction "forward": of the activations after the nonlinearity ("mean", "std" again), before it ("pre_")
    "rms",
    "signal",  # the part of the rms that differs between samples
    "pre_mean",
    "pre_std",
    "saturated",
    "dead",
    "flat",  # share of the entries where the slope of the nonlinearity is below 5 % of its largest
    "derivative",  # mean squared slope of the nonlinearity over its largest squared slope
    "stable_rank",  # of the pre-activations, each unit centred
    "cosine",  # mean cosine between samples (tokens) after the nonlinearity, each unit centred over the batch
    "token_cosine",  # mean cosine between the tokens of one sample, not centred
    "size",  # entries per sample
    "loss",
    "loss_growth",  # loss of the batch over that of its first half: 1 for a mean over samples, 2 for a sum
    "loss_reference",  # of the best constant answer: ln K for K balanced classes, the variance of the targets
    # direction "backward": rms of the gradient to the pre-activation, for noise, and to the weight, for the loss
    "gradient",
    "weight_gradient",
    "reached",  # whether autograd has a way to the weight from any output: 1 or 0
    "unlocks",  # steps of gradient descent until the weight's gradient is not exactly 0: 0, 1, ...; inf for never
]


@dataclass(frozen=True, slots=True)
class Row:
    """One number: a statistic of one layer in one direction, with its standard error (0 if exact)."""

    layer: str
    direction: Direction
    statistic: Statistic
    value: float
    stderr: float = 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """Measured minus predicted, and how many standard errors that is."""

    layer: str
    direction: Direction
    statistic: Statistic
    value: float
    z: float


@dataclass(frozen=True, slots=True)
class Trace:
    """What the signals of a network look like, layer by layer, measured or predicted.

    >>> t = Trace("measured", (Row("1", "forward", "std", 0.5, 0.01),))
    >>> t.value("1", "forward", "std")
    0.5
    """

    source: Literal["measured", "predicted"]
    rows: tuple[Row, ...]

    @property
    def layers(self) -> tuple[str, ...]:
        """Layer names in order of appearance."""
        return tuple(dict.fromkeys(row.layer for row in self.rows))

    def row(self, layer: str, direction: Direction, statistic: Statistic) -> Row | None:
        """One row, or None if that was not measured."""
        for row in self.rows:
            if (row.layer, row.direction, row.statistic) == (layer, direction, statistic):
                return row
        return None

    def value(self, layer: str, direction: Direction, statistic: Statistic) -> float | None:
        """One value, or None if that was not measured."""
        row = self.row(layer, direction, statistic)
        return None if row is None else row.value

    def series(self, direction: Direction, statistic: Statistic) -> tuple[Row, ...]:
        """One statistic over all layers that have it, in order."""
        return tuple(row for row in self.rows if row.direction == direction and row.statistic == statistic)

    def __sub__(self, other: "Trace") -> tuple[Difference, ...]:
        """Differences of the rows that both traces have, in standard errors of both together."""
        return tuple(self._differences(other))

    def _differences(self, other: "Trace") -> Iterator[Difference]:
        theirs = {(row.layer, row.direction, row.statistic): row for row in other.rows}
        for row in self.rows:
            match = theirs.get((row.layer, row.direction, row.statistic))
            if match is not None:
                delta = row.value - match.value
                error = math.hypot(row.stderr, match.stderr)
                z = delta / error if error > 0 else math.copysign(math.inf, delta) if delta else 0.0
                yield Difference(row.layer, row.direction, row.statistic, delta, z)

    def to_json(self) -> dict[str, Any]:
        """The trace as plain JSON data."""
        return codec.encode(self)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The trace that `to_json` wrote."""
        return codec.decode(cls, data)
