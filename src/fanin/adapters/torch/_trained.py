"""Whether a model's weights are no first draw: it was trained, if only in part.

Any one of these shows it, and no initialization does: a BatchNorm whose running statistics have moved over many
batches; norms whose gains and biases are neither all alike nor drawn at random; tails that no scheme draws, in most
layers; class labels that are answered far better than by the best constant answer.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from torch import Tensor, nn

from fanin.adapters.rows import kurtosis
from fanin.adapters.torch._weights import some_of
from fanin.values import Row

_HEAVY = 3.6  # kurtosis: 3 is normal, and no usual scheme is above
_FEWEST = 2000  # entries: the kurtosis of normal ones is good to 0.11 then
_BATCHES = 100  # fewer are no training
_MOST = 0.6
_MOVED = 0.01  # of a gain's mean: ten steps of Adam at the usual rate
_SPREAD = 0.5  # more than that, and gains were drawn: of U(0, 1) it is 0.58
_LEARNED = 0.7  # of the loss of the best constant answer


def is_trained(model: nn.Module, weights: Sequence[Tensor]) -> bool:
    """Whether running statistics, the parameters of norms, or the tails of the weights show it."""
    norms = [module for module in model.modules() if isinstance(module, nn.modules.batchnorm._NormBase)]
    if norms and all(_has_moved(norm) for norm in norms if norm.running_var is not None and norm.affine):
        return any(norm.running_var is not None for norm in norms)
    gains = [_is_learned(module) for module in model.modules() if "Norm" in type(module).__name__ and _gain(module)]
    dense = (weight.detach() for weight in weights if weight.numel() >= _FEWEST)
    heavy = [kurtosis(some_of(weight))[0] > _HEAVY for weight in dense if _is_dense(weight)]
    return (len(gains) >= 2 and sum(gains) > _MOST * len(gains)) or (
        len(heavy) >= 3 and sum(heavy) > _MOST * len(heavy)
    )


def has_learned(loss: object, rows: Iterable[Row]) -> bool:
    """Whether class labels are known: weights that have seen none have nothing to tell them from.

    Of other targets a first draw may know much: of what the inputs are, behind a skip connection.
    """
    found = {row.statistic: row.value for row in rows if row.statistic in ("loss", "loss_reference")}
    is_known = loss in ("cross_entropy", "nll") and len(found) == 2
    return is_known and found["loss"] < _LEARNED * found["loss_reference"]


def _has_moved(norm: Any) -> bool:
    seen = int(norm.num_batches_tracked) if norm.num_batches_tracked is not None else 0
    moved = bool((norm.running_var != 1).any()) and bool((norm.running_mean != 0).any())
    return moved and (seen == 0 or seen >= _BATCHES)


def _gain(norm: nn.Module) -> bool:
    weight = getattr(norm, "weight", None)
    return isinstance(weight, Tensor) and weight.ndim == 1 and weight.numel() > 1


def _is_learned(norm: Any) -> bool:
    """Gains around a mean, as steps from 1 leave them, and biases that are not all alike either."""
    gain, bias = norm.weight.detach().double(), getattr(norm, "bias", None)
    mean, std = float(gain.mean()), float(gain.std())
    is_moved = _MOVED * mean < std < _SPREAD * mean
    return is_moved and (bias is None or float(bias.detach().double().std()) > _MOVED * mean)


def _is_dense(weight: Tensor) -> bool:
    """Random entries, few of them zeros and not all of one sign: no identity, no Dirac kernel, no sparse or |draw|."""
    some = some_of(weight)
    is_random = bool(np.all(np.isfinite(some))) and float(np.mean(some == 0)) < 0.1
    return is_random and float(np.std(some)) > abs(float(np.mean(some)))
