"""ReLU units that are off for every sample from the start.

## What it does
Counts, per hidden layer, norm or sum in front of a rectifier, the units whose derivative is zero on the whole batch.

## Why is this bad?
No gradient reaches the weights of such a unit, so that it can't recover; a whole layer of them stops the network.

## How it is measured
dead: the share of units with derivative 0 for all samples. By symmetry of the weights no more than half of the units
can be off by chance, however deep the network is. Error if all are, or more than 90 %; warning if more than 60 %, or
more than 40 % while the mean bias is negative and larger than the spread of the pre-activations. Shares must be above
one half by three standard errors, sqrt(0.25/units).

## Example
```python
biases = np.full(30, -5.0)  # keeps every unit off
```

## Fix
Biases of zero and weights around zero with variance 2/fan_in.

## References
Lu, Shin, Su, Karniadakis 2019, Dying ReLU and initialization, arXiv:1903.06733.
"""

import math
from collections.abc import Iterator

import numpy as np

from fanin.doctor._case import Case
from fanin.doctor._example import Example, drawn
from fanin.doctor._reference import fix
from fanin.values import Finding, Node, Severity

CODE = "FAN202"


def check(case: Case) -> Iterator[Finding]:
    """One finding per hidden layer."""
    dead, zeros = case.values("forward", "dead"), case.values("weight", "zeros")
    for node in case.graph.nodes:
        share, units = dead.get(node.name, 0.0), case.units(node.name)
        is_told = zeros.get(node.name) != 1 and not _is_faded(case, node.name)  # zeros are for the rule on symmetry
        if share and units and not node.output and is_told:
            severity = _severity(share, units, _is_held_down(case, node.name))
            if severity:
                yield _finding(case, node, units, severity, share)


def _severity(share: float, units: int, held_down: bool) -> Severity | None:
    is_chance = (share - 0.5) / math.sqrt(0.25 / units) < 3
    if share == 1 or (share > 0.9 and not is_chance):
        return "error"
    return "warning" if (share > 0.6 and not is_chance) or (share > 0.4 and held_down) else None


def _is_faded(case: Case, layer: str) -> bool:
    """Pre-activations of exactly 0: the signal was lost before, to zeros or to a type of few digits."""
    mean, std = (case.value(layer, "forward", name) for name in ("pre_mean", "pre_std"))
    return mean == 0 and std == 0


def _is_held_down(case: Case, layer: str) -> bool:
    bias, spread = case.values("weight", "bias_mean"), case.values("forward", "pre_std")
    return layer in bias and layer in spread and bias[layer] < -spread[layer]


def _finding(case: Case, node: Node, units: int, severity: Severity, share: float) -> Finding:
    layer, bias = node.name, case.value(node.name, "weight", "bias_mean") or 0.0
    is_bias = bias < 0 and _is_held_down(case, layer)
    param = (case.biases.get(layer) if is_bias else None) or case.param(layer)
    return Finding(
        code=CODE,
        slug="dead-units",
        severity=severity,
        layer=layer,
        parameter=param.path if param else None,
        measured={"dead": share, "bias_mean": bias},
        expected={"dead": 0.0, "bias_mean": 0.0},
        message=(
            f"Layer {layer}: {share:.0%} of the {units} {node.activation} units are off for every sample"
            + (f", held down by biases of mean {bias:.3g}." if is_bias else ".")
        ),
        help="Set the biases to zero."
        if is_bias
        else "Draw weights around zero with variance 2/fan_in; centre the inputs.",
        fix=fix(param) if param else None,
    )


def sick() -> Example:
    """Biases of -10."""
    return drawn("he_normal", (64, 64, 64, 10), "relu", biases=(np.full(64, -10.0), np.zeros(64), np.zeros(10)))


def healthy() -> Example:
    """A deep network in which many units are off by chance."""
    return drawn("he_normal", (64,) * 20 + (10,), "relu")
