"""How deep a network can be and still be trained, by mean-field theory."""

import math
from typing import Any

from fanin import schemes, theory
from fanin.adapters.numpy import params
from fanin.errors import InputError
from fanin.values import Trial

DEPTHS = 6
"""Networks train to about 6 depth scales of the correlation (Schoenholz et al. 2017, figure 5)."""


def trainable(trial: Trial) -> dict[str, Any] | None:
    """Phase and largest trainable depth of a dense network's hidden layers; None where theory says nothing.

    The depth is None at the edge of chaos, where no depth is too large for this reason. Nothing is said of weights
    with a mean, of networks in code, and of those without hidden layers.

    Reference:
        Schoenholz et al. 2017 (arXiv:1611.01232) section 5.
    """
    if len(trial.widths) < 3:
        return None
    shape = (trial.widths[1], trial.widths[1])
    weight, bias = params([shape], trial.activation, trial.activation)
    laws = [schemes.moments(schemes.parse(text), p) for text, p in ((trial.init, weight), (trial.bias, bias))]
    if laws[0].mean or laws[1].mean:
        return None
    try:
        found = theory.phase(trial.activation, shape[1] * laws[0].std ** 2, laws[1].std ** 2)
    except InputError:  # the pre-activations grow for ever
        return {"phase": "unbounded", "depth": None}
    depth = DEPTHS * found.correlation_depth
    return {"phase": found.name, "depth": depth if math.isfinite(depth) else None}
