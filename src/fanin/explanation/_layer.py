"""What follows for one layer from scheme, shape and activation: the numbers that the reasons read."""

import math
from dataclasses import dataclass

from fanin.errors import InputError
from fanin.schemes import find, moments, recommended
from fanin.theory import expectation, saturated_share
from fanin.values import Activation, Param, Scheme


@dataclass(frozen=True, slots=True)
class Layer:
    """What follows from scheme, shape and activation; the reasons read it."""

    scheme: Scheme
    param: Param
    phi: Activation
    mean: float
    std: float
    better: Scheme
    wanted: float  # the std of the better scheme
    ratio: float  # std over the wanted one, or over another that serves as well: a verdict must not split hairs
    z_mean: float
    z_std: float
    saturated: float
    dead: float
    forward: float
    backward: float


def measure(scheme: Scheme, param: Param, phi: Activation) -> Layer:
    """Exact moments of the weights, and Gaussian expectations of what they make of inputs of rms 1."""
    law = moments(scheme, param)
    n, balance = param.fans.fan_in, _sign_balance(phi)
    z_mean = n * law.mean * balance
    scatter = 1 - balance * balance  # variance of an input
    z_std = math.sqrt(n * (law.std * law.std + law.mean * law.mean * scatter))
    if not (math.isfinite(z_mean) and math.isfinite(z_std)):
        raise InputError(f"{scheme.name!r} gives weights too large for a number: mean {law.mean:g}, std {law.std:g}")
    better = recommended(phi, param)
    return Layer(
        scheme,
        param,
        phi,
        law.mean,
        law.std,
        better,
        moments(better, param).std,
        ratio=law.std / nearest_std(phi, param, law.std),
        z_mean=z_mean,
        z_std=z_std,
        saturated=saturated_share(phi, z_std, z_mean),
        dead=_dead_share(phi, z_mean, math.sqrt(n) * law.std * balance, z_std),
        forward=math.sqrt(expectation(lambda z: phi.function(z) ** 2, z_std, z_mean, phi.kinks)),
        backward=math.sqrt(
            n * law.second_moment * expectation(lambda z: phi.derivative(z) ** 2, z_std, z_mean, phi.kinks)
        ),
    )


def _sign_balance(phi: Activation) -> float:
    """Mean over rms of the activation's output for N(0, 1) pre-activations: 0 tanh, 0.56 ReLU, 0.92 sigmoid."""
    mean = expectation(phi.function, kinks=phi.kinks)
    rms = math.sqrt(expectation(lambda z: phi.function(z) ** 2, kinks=phi.kinks))
    return mean / rms if rms > 0 and phi.name != "linear" else 0.0


def nearest_std(phi: Activation, param: Param, std: float) -> float:
    """The recommended std, or that of a rule as good for this activation if the given std is within 25 % of it."""
    stds = [moments(recommended(phi, param), param).std]
    if phi.saturates:  # around 0 these are linear: LeCun's rule serves the signal, Glorot's both directions
        stds += [moments(find(name)(), param).std for name in ("lecun_normal", "glorot_normal")]
    return next((near for near in stds if 0.8 <= std / near <= 1.25), stds[0])


def _dead_share(phi: Activation, z_mean: float, unit_std: float, z_std: float) -> float:
    """Share of units whose own mean lies 3 std of their inputs' scatter below 0, so that no input turns them on."""
    if not phi.dies:
        return 0.0
    within = math.sqrt(max(z_std**2 - unit_std**2, 0.0))
    threshold = -3.0 * within - z_mean
    if unit_std == 0:
        return float(threshold >= 0)
    return 0.5 * math.erfc(-threshold / unit_std / math.sqrt(2))
