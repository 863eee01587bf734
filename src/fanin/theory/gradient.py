"""The gradient on its way back through the same layers.

To a unit arrives W^T delta: a part of its own, and parts that all units of a sample share. Weights of mean mu pass on
mu sum(delta). And as the weights made the pre-activations u that delta depends on, they pass on
Var(W) / Var(u) * phi * sum(delta u), which a network with a strong mean signal amplifies.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fanin.theory.fluctuation import over_batch, own_average, quadratic, root_error
from fanin.theory.gauss import Array
from fanin.theory.law import LayerLaw
from fanin.theory.response import JOINT, SLOPE, SLOPE_SQUARE, WEIGHTED, Response
from fanin.theory.signal import Signal, ratio

_LARGEST = 1e280  # of a mean square
_MOST = 1e100  # relative variance: anything beyond is as uncertain


@dataclass(frozen=True, slots=True)
class Step:
    """One layer of the forward pass, as the way back needs it: `state` and `gain` are those of `fluctuation`."""

    law: LayerLaw
    signal: Signal
    response: Response
    state: Array
    gain: Array


@dataclass(frozen=True, slots=True)
class Arriving:
    """What arrives at the activations of a layer from above, per class of samples.

    Attributes:
        own: (K,) mean square of the part of each unit's own.
        common: (K, 2, 2) mean squares of the coefficients of 1 and of phi.
        alike: (K, K) mean squared correlation of the own parts of two samples.
        pairs, single: (K, K) and (K,) relative covariance of the mean square between two samples and in one.
        reach: (K, 2) by how much the state of the layer above moves ln(mean square).
    """

    own: Array
    common: Array
    alike: Array
    pairs: Array
    single: Array
    reach: Array


def gradients(steps: Sequence[Step], batch: int) -> list[tuple[float, float]]:
    """Rms of the gradient to each layer's pre-activations, first layer first, with its standard error.

    N(0, 1) noise arrives at the last layer's activations.
    """
    k = len(steps[-1].signal.share)
    arriving = Arriving(
        np.ones(k), np.zeros((k, 2, 2)), np.zeros((k, k)), np.zeros((k, k)), np.zeros(k), np.zeros((k, 2))
    )
    found = []
    with np.errstate(over="ignore", invalid="ignore"):  # what explodes is held at _LARGEST
        for step in reversed(steps):
            square, common = _mean_square(step, arriving)
            arriving = _through(step, arriving, square)
            found.append(_rms(step, arriving, square, common, batch))
    return found[::-1]


def _mean_square(step: Step, arriving: Arriving) -> tuple[Array, Array]:
    """(K,) of the gradient to the pre-activations, and of its part that the units share."""
    second = _second(step.response).reshape(-1, 2, 2, 2, 2)[:, 0, :, 0]
    common = step.response.slope_square * np.einsum("kab,kab->k", _scaled(step, arriving), second)
    return np.maximum(_held(step.response.slope_square * arriving.own + common), 0), _held(common)


def _through(step: Step, arriving: Arriving, square: Array) -> Arriving:
    """What arrives one layer below, given the mean square of the gradient to this layer's pre-activations."""
    law, response = step.law, step.response
    pairs, single = _variance(step, arriving)
    moved = response.found.coefficients[..., 1:3]
    return Arriving(
        own=_held(law.fan_out * law.weight_std**2 * square),
        common=_common(step, arriving, square) if len(square) > 1 else arriving.common,
        alike=_alike(response, arriving.alike, law.fan_out),
        pairs=_compound(arriving.pairs, pairs),
        single=_compound(arriving.single, single),
        reach=moved[:, SLOPE_SQUARE] + np.einsum("ka,kab->kb", arriving.reach * step.gain, moved[:, :2]),
    )


def _held(square: Array) -> Array:
    return np.asarray(np.where(np.isnan(square), _LARGEST, np.clip(square, -_LARGEST, _LARGEST)))


def _compound(before: Array, added: Array) -> Array:
    """Relative covariance of a product, from those of its independent factors."""
    return np.asarray(np.minimum((1 + before) * (1 + np.minimum(added, _MOST)) - 1, _MOST))


def _common(step: Step, arriving: Arriving, square: Array) -> Array:
    """Mean squares (K, 2, 2) of what the units below will share: of mu sum(delta) and Var(W) / Var(u) sum(delta u)."""
    law, signal, response, n = step.law, step.signal, step.response, step.law.fan_out
    mean = response.found.coefficients[:, WEIGHTED, 0]
    second = _second(response)
    spread = (second - mean[:, :, None] * mean[:, None, :]).reshape(-1, 2, 2, 2, 2)
    mean, second, scaled = mean.reshape(-1, 2, 2), second.reshape(-1, 2, 2, 2, 2), _scaled(step, arriving)
    sums = n**2 * mean @ scaled @ mean.swapaxes(1, 2) + n * np.einsum("kab,kcadb->kcd", scaled, spread)
    sums += n * arriving.own[:, None, None] * second[:, :, 0, :, 0]
    back = law.weight_std**2 * ratio(signal.std, signal.variance)
    passed = np.stack([np.full_like(back, law.weight_mean), back], axis=1)
    found = response.slope_square[:, None, None] * (sums * passed[:, :, None] * passed[:, None, :])
    # what the pre-activations fix of the weights is no part of the units' own any more
    found[:, 1, 1] -= n * law.weight_std**2 * ratio(law.weight_std**2, signal.variance) * square
    return _held(found)


def _scaled(step: Step, arriving: Arriving) -> Array:
    """`arriving.common` for phi in units of its root mean square, as the series are."""
    unit = np.stack([np.ones_like(step.response.square), np.sqrt(step.response.square)], axis=1)
    return _held(arriving.common * unit[:, :, None] * unit[:, None, :])


def _second(response: Response) -> Array:
    """Second moments (K, 4, 4) of WEIGHTED."""
    mean = response.found.coefficients[:, WEIGHTED, 0]
    return np.asarray(response.found.covariance[:, WEIGHTED, WEIGHTED] + mean[:, :, None] * mean[:, None, :])


def _variance(step: Step, arriving: Arriving) -> tuple[Array, Array]:
    """What this layer adds to `pairs` and `single`: by its own slopes, and by what it sends forward."""
    response, width = step.response, step.law.fan_out
    pairs, single = response.pairs / width, own_average(response, JOINT, width)
    # slopes times the square of Gaussian gradients, which two samples share as far as they are alike
    pairs[..., SLOPE_SQUARE, SLOPE_SQUARE] += 2 * arriving.alike * (pairs[..., SLOPE_SQUARE, SLOPE_SQUARE] + 1 / width)
    single[:, SLOPE_SQUARE, SLOPE_SQUARE] += 2 * (response.found.covariance[:, SLOPE_SQUARE, SLOPE_SQUARE] + 1) / width
    weights = np.zeros((len(arriving.own), 4))
    weights[:, :2], weights[:, SLOPE_SQUARE] = arriving.reach * step.gain, 1
    return quadratic(weights, pairs), np.einsum("kf,kfg,kg->k", weights, single, weights)


def _alike(response: Response, alike: Array, width: int) -> Array:
    """Mean squared correlation (K, K) of the gradients of two samples, one layer further back."""
    first = response.found.coefficients[:, SLOPE, 0]
    joint = response.pairs[..., SLOPE, SLOPE] + np.multiply.outer(first, first)
    own = (response.pairs[..., SLOPE_SQUARE, SLOPE_SQUARE] + 1) * (1 + 2 * alike) / width
    return np.asarray(np.clip(joint**2 * alike + own, 0, 1))


def _rms(step: Step, arriving: Arriving, square: Array, common: Array, batch: int) -> tuple[float, float]:
    """Rms over all samples, and its standard error."""
    share = step.signal.share
    total = float(share @ square)
    if total == 0:
        return 0.0, 0.0
    part = share * (square / total)
    found = over_batch(arriving.pairs, arriving.single, step.signal, batch)
    found += quadratic(arriving.reach, step.state)
    # the common part of a sample's gradients is one Gaussian number, whatever the width
    between = share @ (square / total - 1) ** 2 + 2 * share @ (common / total) ** 2
    return total**0.5, total**0.5 * root_error(float(_held(np.maximum(part @ found @ part + between / batch, 0))))
