"""LSTM cells that forget half of their state at every step.

## What it does
Reads the bias of the forget gates. It only explains: most tasks are learnt all the same.

## Why is this bad?
With a bias of 0 the gate stands at 0.5, and after twenty steps one millionth of the state and of its gradient is left.
With a bias of 1 it stands at 0.73, with ln(T) it keeps the state over T steps.

## How it is measured
The mean bias of the forget gates of an LSTM, the sum of both where there are two. Info if it is below 0.5, warning if
below -2.

## Example
```python
lstm = nn.LSTM(64, 64)  # biases of U(-1/8, 1/8)
```

## Fix
`lstm.bias_hh_l0.data[64:128].fill_(1.0)`.

## References
Gers et al. 2000; Jozefowicz et al. 2015, An empirical exploration of recurrent network architectures; Tallec and
Ollivier 2018 (arXiv:1804.11188) for ln(T).
"""

import math
from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import case, measured
from fanin.values import Finding, Node, Param

CODE = "FAN109"
_OPEN, _SHUT = 0.5, -2.0


def check(case: Case) -> Iterator[Finding]:
    """One finding per LSTM."""
    for layer, bias in case.values("weight", "forget_bias").items():
        if bias < _OPEN:
            param = case.biases.get(layer)
            yield Finding(
                code=CODE,
                slug="shut-forget-gates",
                severity="warning" if bias < _SHUT else "info",
                layer=layer,
                parameter=param.path if param else None,
                measured={"forget_bias": bias},
                expected={"forget_bias": 1.0},
                message=f"Layer {layer}: the forget gates have a mean bias of {bias:.3g}: they keep "
                f"{1 / (1 + math.exp(-bias)):.0%} per step.",
                help="Set it to 1, or to ln(T) for sequences of length T.",
            )


def _lstm(bias: float) -> Case:
    nodes = [Node("rnn", "layer", "recurrent", ("input",), "tanh", ("rnn.weight", "rnn.bias"), output=True)]
    weight = Param("rnn.weight", (256, 64), ("out", "in"), blocks=4)
    params = [weight, Param("rnn.bias", (256,), ("out",), role="bias", owner=weight.fans, blocks=4)]
    return case(nodes, measured("rnn", "weight", forget_bias=bias), params)


def sick() -> Case:
    """PyTorch's default."""
    return _lstm(0.0)


def healthy() -> Case:
    """A bias of 1."""
    return _lstm(1.0)
