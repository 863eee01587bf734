"""How far a finite network on a finite batch strays from the mean-field limit: first order in 1/width.

A layer of n units averages n independent functions of its pre-activations, which the samples of a batch share; the
error of that average moves the mean and variance of the next layer, and so on down the network.

A state (K, K, 2, 2) is the covariance, between the classes of samples, of the batch's mean / std and of its
variance / (sqrt(2) variance): in these units a function moves by its Hermite coefficients 1 and 2.
"""

import math

import numpy as np

from fanin.theory.gauss import Array
from fanin.theory.hermite import own_covariance
from fanin.theory.law import LayerLaw
from fanin.theory.response import JOINT, LISTED, ROOTS, STATISTICS, Response
from fanin.theory.signal import Signal, ratio
from fanin.values.trace import Statistic

_LARGEST = 1e100
_ROUNDING = 1e-12  # of the rms: finer than this neither the quadrature nor a network's arithmetic is
_MEANS: tuple[Statistic, ...] = ("mean", "pre_mean")


def first_state(law: LayerLaw, signal: Signal, batch: int, input_mean: float, input_std: float) -> Array:
    """The first layer's: the batch's mean square differs from the law's."""
    classes = len(signal.share)
    power = law.fan_in * law.weight_std**2
    deviation = 4 * (input_mean * input_std) ** 2 + 2 * input_std**4
    relative = 0.5 * deviation * ratio(power, signal.variance) ** 2 / law.fan_in
    state = np.zeros((classes, classes, 2, 2))
    state[range(classes), range(classes), 1, 1] = relative / (batch * signal.share)
    return state


def averages(response: Response, signal: Signal, state: Array, width: int, batch: int) -> Array:
    """Covariance (K, K, 4, 4) of JOINT's averages over units and over each class of the batch."""
    moved = response.found.coefficients[:, JOINT, 1:3]
    own = own_average(response, JOINT, width)
    carried = moved[:, None] @ state @ moved[None].swapaxes(2, 3)
    return np.asarray(over_batch(response.pairs / width, own, signal, batch) + carried)


def errors(response: Response, signal: Signal, state: Array, width: int, batch: int) -> dict[Statistic, float]:
    """Standard error of each statistic: of the averages, and of which samples the batch happens to hold."""
    found, values = _errors(response, signal, state, width, batch), response.statistics
    rare = math.sqrt(values["saturated"] * (1 - values["saturated"]) / width / batch)
    found["saturated"] = max(found["saturated"], rare)
    if np.any(signal.std > 0):
        pre_rms = math.hypot(values["pre_mean"], values["pre_std"])
        for name in (*ROOTS, *_MEANS):
            found[name] = max(found[name], _ROUNDING * (pre_rms if name.startswith("pre") else values["rms"]))
    return found


def _errors(response: Response, signal: Signal, state: Array, width: int, batch: int) -> dict[Statistic, float]:
    share, found = signal.share, response.found[LISTED]
    own = own_average(response, LISTED, width).diagonal(axis1=1, axis2=2)
    moved = share[:, None, None] * found.coefficients[..., 1:3]
    middle = found.coefficients[..., 0]
    variance = np.einsum("k,l,klf->f", share, share, over_batch(response.listed_pairs / width, own, signal, batch))
    variance += np.einsum("klfb,lfb->f", moved[:, None] @ state, moved)
    variance += (share @ middle**2 - (share @ middle) ** 2) / batch
    size = dict(zip(STATISTICS, np.maximum(variance, 0).tolist(), strict=True))
    for name in ROOTS:
        size[name] = root_error(size[name]) ** 2
    # a std is taken about the batch's own mean: -(mean's error)² / (2 std), in units of the std
    size["std"] += 0.75 * size["mean"] ** 2
    size["pre_std"] += 0.75 * size["pre_mean"] ** 2
    return {name: response.units[name] * math.sqrt(value) for name, value in size.items()}


def own_average(response: Response, functions: slice, width: int) -> Array:
    """Covariance (K, F, F) of averages over the units of one sample, whose units share the sample's shift."""
    found = response.found[functions]
    common = own_covariance(found, response.alone)
    return np.asarray(common + (found.covariance - common) / width)


def over_batch(pairs: Array, own: Array, signal: Signal, batch: int) -> Array:
    """Covariance (K, K, ...) of averages over the samples of each class, from that of two samples and of one."""
    found, diagonal = pairs.copy(), np.arange(len(own))
    samples = (batch * signal.share).reshape(-1, *[1] * (own.ndim - 1))
    found[diagonal, diagonal] += (own - pairs[diagonal, diagonal]) / samples
    return found


def quadratic(vectors: Array, middle: Array) -> Array:
    """(K, K) of vectors[k] · middle[k, l] · vectors[l], for (K, F) and (K, K, F, F)."""
    return np.asarray(np.einsum("klg,lg->kl", (vectors[:, None, None] @ middle)[:, :, 0], vectors))


def gain(law: LayerLaw, response: Response, following: Signal) -> Array:
    """(K, 2): what 1 of VALUE and of SQUARE moves in the state of the layer `law` that follows."""
    size = np.sqrt(response.square)
    shift = law.fan_in * law.weight_mean * ratio(size, following.std)
    stretch = law.fan_in * law.weight_std**2 * ratio(response.square, following.std**2) / math.sqrt(2)
    # beyond the largest variance kept, a layer stretches by no more than one that keeps only its input's
    return np.stack([np.minimum(shift, law.fan_in), np.minimum(stretch, math.sqrt(0.5))], axis=1)


def next_state(found: Array, by: Array) -> Array:
    """The state of the next layer, from `averages` and `gain`."""
    moved = found[:, :, :2, :2] * by[:, None, :, None] * by[None, :, None, :]
    return np.asarray(np.clip(moved, -_LARGEST, _LARGEST))


def root_error(variance: float) -> float:
    """Relative root mean square distance of sqrt(x) from sqrt(E x), for x of this relative variance.

    Of a log-normal x, which products of many layers are; half the relative standard deviation if that is small.
    """
    return math.sqrt(max(2 * (1 - (1 + variance) ** -0.125), 0))
