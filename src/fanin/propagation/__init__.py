"""A signal through a deep stack of equal layers, forward and backward, measured beside the prediction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from fanin import schemes
from fanin.errors import InputError
from fanin.propagation._measure import Histogram, measure
from fanin.propagation._stack import Stack
from fanin.propagation._words import Word, words
from fanin.theory import LayerLaw, predict
from fanin.values import Activation, Scheme, Trace, codec
from fanin.values.activation import Elementwise
from fanin.values.activation import activation as activation_of
from fanin.values.trace import Direction, Statistic

__all__ = ["Arm", "Histogram", "Word", "document", "propagate"]

_MOST_NUMBERS = 400_000_000  # 3.2 GB
_SHOWN: tuple[tuple[Direction, Statistic], ...] = (
    ("forward", "mean"),
    ("forward", "std"),
    ("forward", "saturated"),
    ("forward", "dead"),
    ("backward", "gradient"),
)


@dataclass(frozen=True, slots=True, repr=False)
class Arm:
    """One initialization, followed through the stack.

    Attributes:
        init: as typed.
        depth, width, activation, batch, seed: of the stack and its inputs.
        bias: scheme of the biases.
        measured, predicted: layers "1" to "depth".
        histograms, gradients: of the activations of each layer, and of the gradients to its pre-activations.
    """

    init: str
    depth: int
    width: int
    activation: str
    batch: int
    seed: int
    bias: str
    measured: Trace
    predicted: Trace
    histograms: tuple[Histogram, ...]
    gradients: tuple[Histogram, ...]

    @property
    def words(self) -> tuple[Word, ...]:
        """What happens to the signal: vanishing, exploding, saturated, ..., or steady."""
        return words(self.measured, self.activation)

    def to_json(self) -> dict[str, Any]:
        """The document "fanin.propagate/1" of this arm alone."""
        return document([self])

    def __repr__(self) -> str:
        rows = self.measured.series("forward", "std")
        ends = f"{rows[0].value:.3g} to {rows[-1].value:.3g}" if rows else "unknown"
        return f"{self.init}: std {ends} over {self.depth} {self.activation} layers of {self.width}"


def propagate(
    init: str | Scheme,
    *,
    depth: int = 10,
    width: int = 500,
    activation: str | Activation | Elementwise = "tanh",
    batch: int = 1000,
    seed: int = 0,
    bias: str | Scheme = "zeros",
) -> Arm:
    """Sends N(0, 1) inputs through `depth` layers of `width` units, and N(0, 1) gradients back from the last.

    x_l = phi(W_l x_(l-1) + b_l), in float64. The weights of layer i are the stream (seed, "i.weight"), its biases
    (seed, "i.bias"), so that all schemes of one seed are made of the same random numbers. Activations are described
    after the nonlinearity; the gradient is the rms of that to the pre-activations.

    Args:
        init: a scheme, its name, or an expression as typed in NumPy.
        depth, width: number of layers, units per layer.
        activation: of every layer.
        batch: number of inputs, at least 2.
        seed: whole number >= 0.
        bias: the scheme of the biases; it sees the fans of the weights.

    Raises:
        FaninError: no such scheme or activation; a size below its minimum, or more than the memory holds.

    Example:
        >>> arm = propagate("0.01*randn", depth=3, width=100, batch=100)
        >>> [round(row.value, 4) for row in arm.measured.series("forward", "std")]
        [0.0974, 0.0096, 0.001]

    Reference:
        Glorot and Bengio 2010, figures 6 and 7.
    """
    for name, value, least in (("depth", depth, 1), ("width", width, 1), ("batch", batch, 2)):
        if not isinstance(value, (int, np.integer)) or value < least:
            raise InputError(f"got {name} {value!r}; expected a whole number of at least {least}")
    if depth * width * (width + batch) > _MOST_NUMBERS:
        needed = 8e-9 * depth * width * (width + batch)
        raise InputError(f"depth {depth}, width {width} and batch {batch} need {needed:.0f} GB; take less of one")
    weights, biases = (schemes.parse(text) if isinstance(text, str) else text for text in (init, bias))
    phi = activation_of(activation)
    stack = Stack(depth, width, batch, seed)
    weight_law, bias_law = schemes.moments(weights, stack.weight(0)), schemes.moments(biases, stack.bias(0))
    laws = tuple(
        LayerLaw(str(i + 1), width, width, phi, weight_law.mean, weight_law.std, bias_law.mean, bias_law.std)
        for i in range(depth)
    )
    with np.errstate(all="ignore"):  # what overflows is shown as such
        found = measure(stack, weights, biases, phi)
        predicted = _predicted(laws, batch)
    return Arm(
        init=init if isinstance(init, str) else init.name,
        depth=depth,
        width=width,
        activation=phi.name,
        batch=batch,
        seed=seed,
        bias=bias if isinstance(bias, str) else bias.name,
        measured=found.trace,
        predicted=predicted,
        histograms=found.forward,
        gradients=found.backward,
    )


@lru_cache(maxsize=32)
def _predicted(laws: tuple[LayerLaw, ...], batch: int) -> Trace:
    """Kept, for another seed of the same stack."""
    return predict(laws, batch)


def document(arms: Sequence[Arm]) -> dict[str, Any]:
    """The document "fanin.propagate/1" of arms that share their stack; numbers that aren't finite are null.

    Raises:
        InputError: no arms, or arms of different stacks.
    """
    stacks = {(arm.depth, arm.width, arm.activation, arm.batch, arm.seed, arm.bias) for arm in arms}
    if len(stacks) != 1:
        raise InputError(f"got arms of {len(stacks)} different stacks; expected one depth, width, activation and bias")
    first = arms[0]
    return {
        "schema": "fanin.propagate/1",
        "depth": first.depth,
        "width": first.width,
        "activation": first.activation,
        "batch": first.batch,
        "seed": first.seed,
        **({} if first.bias == "zeros" else {"bias": first.bias}),
        "arms": [{"init": arm.init, "layers": list(_layers(arm))} for arm in arms],
    }


def _layers(arm: Arm) -> Iterator[dict[str, Any]]:
    for i, histogram in enumerate(arm.histograms):
        name = str(i + 1)
        yield {
            "layer": i + 1,
            "measured": _shown(arm.measured, name, "value"),
            "predicted": _shown(arm.predicted, name, "value"),
            "stderr": _shown(arm.predicted, name, "stderr"),
            "histogram": {"edges": list(histogram.edges), "counts": list(histogram.counts)},
        }


def _shown(trace: Trace, layer: str, field: Literal["value", "stderr"]) -> dict[str, float | None]:
    """All statistics, null where an overflow left nothing to measure."""
    rows = {statistic: trace.row(layer, direction, statistic) for direction, statistic in _SHOWN}
    return {name: None if row is None else codec.finite(getattr(row, field)) for name, row in rows.items()}
