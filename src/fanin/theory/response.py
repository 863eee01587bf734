"""What the nonlinearity of one wide layer makes of a signal, and the next signal."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from fanin.theory.gauss import Array, expectations
from fanin.theory.hermite import Series, own_covariance, pair_covariance, pair_slope, pair_variance, powers, series
from fanin.theory.law import LayerLaw
from fanin.theory.saturation import saturated_share
from fanin.theory.signal import Signal, bounded, ratio
from fanin.values import Activation
from fanin.values.trace import Statistic

# the functions of a pre-activation on which the next layer depends, and the gradient ...
VALUE, SQUARE, SLOPE_SQUARE, SLOPE = range(4)
JOINT = slice(0, 4)
# ... phi' times 1, phi, u and phi u, where u is the distance from the mean ...
WEIGHTED = slice(3, 7)
# ... and one per statistic
STATISTICS: tuple[Statistic, ...] = ("mean", "std", "rms", "saturated", "pre_mean", "pre_std")
LISTED = slice(7, 13)
ROOTS: tuple[Statistic, ...] = ("std", "rms", "pre_std")


@dataclass(frozen=True, slots=True)
class Response:
    """What a nonlinearity makes of a signal, per class.

    Attributes:
        value, square, slope_square: (K,) E phi, E phi², E phi'².
        statistics: by name, over all samples.
        units: by name, what 1 of the statistic's function is in the statistic.
        found: Hermite series: JOINT and WEIGHTED in units of the root mean square of phi, phi' and u, then LISTED.
        pairs: (K, K, 4, 4) covariances of JOINT between two samples, and
        listed_pairs: (K, K, F) those of LISTED, each with itself.
        alone: (K, ...) `powers` of the correlation between two units of one sample.
    """

    value: Array
    square: Array
    slope_square: Array
    statistics: dict[Statistic, float]
    units: dict[Statistic, float]
    found: Series
    pairs: Array
    listed_pairs: Array
    alone: Array


def respond(phi: Activation, signal: Signal) -> Response:
    """The averages of one layer's nonlinearity over its pre-activations."""
    limit = _limit(phi)
    share, m, std = signal.share, np.clip(signal.mean, -limit, limit), np.minimum(signal.std, limit)
    middle = float(share @ phi.function(m))  # distances from it do not cancel in a saturated layer

    def moments(x: Array) -> Array:
        a, d = phi.function(x), phi.derivative(x)
        return np.stack([a, a**2, a - middle, (a - middle) ** 2, d**2])

    # near a bound, 1 - tanh² and the like are rounding noise, which no quadrature resolves
    floor = 1e-16 * np.array([1, 1, max(1, abs(middle)), max(1, middle**2), 1])
    value, square, near, near_square, slope_square = expectations(moments, std, m, phi.kinks, floor)
    centre, pre_mean = float(share @ near), float(share @ m)
    statistics: dict[Statistic, float] = {
        "mean": middle + centre,
        "std": math.sqrt(max(float(share @ near_square) - centre**2, 0)),
        "rms": math.sqrt(float(share @ square)),
        "saturated": float(share @ saturated_share(phi, std, m)),
        "pre_mean": pre_mean,
        "pre_std": math.sqrt(float(share @ (std**2 + (m - pre_mean) ** 2))),
    }
    units: dict[Statistic, float] = {name: statistics[name] or 1.0 for name in ROOTS}
    size, steepness, width = (_column(x) for x in (np.sqrt(square), np.sqrt(slope_square), std))

    def functions(x: Array) -> Array:
        a, d, u = phi.function(x) / size, phi.derivative(x) / steepness, (x - m[:, None]) / width
        far, pre = (phi.function(x) - middle - centre) / units["std"], (x - pre_mean) / units["pre_std"]
        listed = [far, far**2, (a * size / units["rms"]) ** 2, phi.saturated(a * size), pre, pre**2]
        return np.stack([a, a**2, d**2, d, d * a, d * u, d * a * u, *listed])

    found = series(functions, std, m, phi.kinks)
    correlation = powers(signal.between_samples, signal.spread)
    units |= {"mean": units["std"], "saturated": 1.0, "pre_mean": units["pre_std"]}
    pairs, listed = pair_covariance(found[JOINT], correlation), pair_variance(found[LISTED], correlation)
    alone = powers(signal.between_units)
    return Response(value, square, slope_square, statistics, units, found, pairs, listed, alone)


def next_signal(law: LayerLaw, signal: Signal, response: Response) -> Signal:
    """The pre-activations of the layer after a response."""
    n, gain = law.fan_in, law.fan_in * law.weight_std**2
    size = np.sqrt(response.square)
    product = np.multiply.outer(size, size)
    middle = response.found.coefficients[:, VALUE, 0]
    joint = response.pairs[..., VALUE, VALUE] + np.multiply.outer(middle, middle)
    squares = response.pairs[..., SQUARE, SQUARE] + (product > 0)
    # the correlation of a pair is an average over fan_in units; it is certain where the pair is one sample
    own = np.maximum(squares - joint**2, 0) * (1 - np.minimum(joint**2, 1)) ** 2 / n
    carried = pair_slope(response.found.coefficients[:, VALUE], signal.between_samples) * signal.spread
    variance = gain * response.square + law.bias_std**2
    # what the units of a sample have in common adds up; the rest, and not what samples have in common, averages out
    common = own_covariance(response.found[JOINT], response.alone)[:, VALUE, VALUE]
    rest = response.found.covariance[:, VALUE, VALUE] - common - np.diagonal(response.pairs[..., VALUE, VALUE])
    wander = law.weight_mean**2 * response.square * (n**2 * common + n * np.maximum(rest, 0))
    mean = law.bias_mean + n * law.weight_mean * response.value
    norm = np.multiply.outer(*[np.sqrt(variance + wander)] * 2)
    return bounded(
        signal.share,
        mean,
        variance,
        wander,
        gain * product * joint + law.bias_std**2,
        np.minimum(gain * ratio(product, norm) * np.sqrt(own + carried**2), 1),
    )


@lru_cache(maxsize=256)
def _limit(phi: Activation) -> float:
    """The largest standard deviation, a power of ten, whose tails have finite squares."""
    for exponent in range(150, 0, -10):
        tails = 80 * 10.0**exponent * np.array([-1.0, 1.0])
        with np.errstate(over="ignore", invalid="ignore"):
            squares = [phi.function(tails) ** 2, phi.derivative(tails) ** 2]
        if np.all(np.isfinite(squares)):
            return 10.0**exponent
    return 1.0


def _column(size: Array) -> Array:
    return np.where(size > 0, size, 1.0)[:, None]
