"""Hermite series of functions of a Gaussian: what two correlated samples share, as a power series in their correlation.

With f(mean + std Z) = sum_j a_j h_j(Z) in normalized Hermite polynomials, Cov(f(u), g(v)) = sum_{j>=1} a_j b_j c^j
(Mehler 1866), dE f / dmean = a_1 / std and dE f / dvariance = a_2 / (sqrt(2) std²).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre

from fanin.theory.gauss import Array, Function

DEGREE = 24
_NODES, _WEIGHTS = legendre.leggauss(6)
_EDGES = np.linspace(-7.5, 7.5, 16)
_OCTAVES = 0.25 * 2.0 ** np.arange(12)


@dataclass(frozen=True, slots=True)
class Series:
    """F functions under K Gaussians.

    Attributes:
        coefficients: (K, F, DEGREE + 1).
        covariance: (K, F, F) between the functions at one point.
    """

    coefficients: Array
    covariance: Array

    def __getitem__(self, functions: slice) -> "Series":
        """The series of some of the functions."""
        return Series(self.coefficients[:, functions], self.covariance[:, functions, functions])


def series(f: Function, std: Array, mean: Array, kinks: Sequence[float] = ()) -> Series:
    """The series of f, which returns (F, *x.shape), under N(mean[k], std[k]²).

    By a fixed rule that resolves both scales to a few digits: enough for a standard error.
    """
    z, weight = _nodes(std, mean, kinks)
    values = np.moveaxis(f(mean[:, None] + std[:, None] * z), 0, 1)
    weighted = values * weight[:, None]
    coefficients = weighted @ _basis(z).swapaxes(1, 2)
    first, varies = coefficients[..., 0], (std > 0)[:, None, None]
    covariance = weighted @ values.swapaxes(1, 2) - first[:, :, None] * first[:, None, :]
    coefficients[..., 1:] *= varies
    return Series(coefficients, covariance * varies)


def powers(correlation: Array, spread: Array | float = 0.0) -> Array:
    """(..., DEGREE + 1): c, c², ... where half of the c stand `spread` above `correlation` and half below."""
    if not isinstance(spread, np.ndarray) and not spread:
        return _powers(correlation)
    return 0.5 * (_powers(correlation + spread) + _powers(correlation - spread))


def _powers(correlation: Array) -> Array:
    steps = np.empty((*correlation.shape, DEGREE + 1))
    steps[...] = np.clip(correlation, -1, 1)[..., None]
    return np.asarray(np.multiply.accumulate(steps, axis=-1))


def pair_covariance(found: Series, correlation: Array) -> Array:
    """Covariance (K, K, F, F) between the functions of two samples, of class k and l, given `powers` (K, K, ...).

    What stands beyond DEGREE is taken for its first term.
    """
    a = found.coefficients[..., 1:]
    shared = (a[:, None] * correlation[:, :, None, :-1]) @ a[None].swapaxes(2, 3)
    rest = found.covariance - a @ a.swapaxes(1, 2)
    return np.asarray(shared + 0.5 * (rest[:, None] + rest[None]) * correlation[..., -1:, None])


def pair_variance(found: Series, correlation: Array) -> Array:
    """The diagonal (K, K, F) of `pair_covariance`."""
    a = found.coefficients[..., 1:]
    size = found.covariance.diagonal(axis1=1, axis2=2)
    rest = size - (a**2).sum(axis=-1)
    shared = np.stack(
        [(line[:, None] * correlation[..., :-1] * line).sum(axis=-1) for line in np.moveaxis(a, 1, 0)], -1
    )
    return np.asarray(shared + 0.5 * (rest[:, None] + rest[None]) * correlation[..., -1:])


def own_covariance(found: Series, correlation: Array) -> Array:
    """Covariance (K, F, F) between the functions of two units of one sample, given `powers` (K, ...)."""
    a = found.coefficients[..., 1:]
    return np.asarray((a * correlation[:, None, :-1]) @ a.swapaxes(1, 2))


def pair_slope(coefficients: Array, correlation: Array) -> Array:
    """Derivative (K, K) of E f(u) f(v) by the correlation, from the coefficients (K, DEGREE + 1) of f."""
    lower = np.concatenate([np.ones((*correlation.shape, 1)), powers(correlation)[..., : DEGREE - 1]], axis=-1)
    a = coefficients[:, 1:]
    return np.asarray(((a * np.arange(1, DEGREE + 1))[:, None] * lower * a[None]).sum(axis=-1))


def _nodes(std: Array, mean: Array, kinks: Sequence[float]) -> tuple[Array, Array]:
    """Nodes and weights (K, Q) in units of Z: panels of the Gaussian, octaves of the argument, and the kinks."""
    arguments = np.concatenate([-_OCTAVES, [0.0], _OCTAVES, np.asarray(kinks, float)])
    positive = np.where(std > 0, std, 1.0)[:, None]
    edges = np.clip((arguments - mean[:, None]) / positive, _EDGES[0], _EDGES[-1])
    edges = np.sort(np.concatenate([edges, np.broadcast_to(_EDGES, (len(std), _EDGES.size))], axis=1))
    half = 0.5 * np.diff(edges)[..., None]
    z = (0.5 * (edges[:, 1:] + edges[:, :-1])[..., None] + half * _NODES).reshape(len(std), -1)
    weight = (half * _WEIGHTS).reshape(len(std), -1) * np.exp(-0.5 * z * z)
    return z, weight / weight.sum(axis=1, keepdims=True)


def _basis(z: Array) -> Array:
    """Normalized Hermite polynomials (K, DEGREE + 1, Q) at z (K, Q)."""
    basis = np.empty((len(z), DEGREE + 1, z.shape[1]))
    basis[:, 0], basis[:, 1] = 1.0, z
    for j in range(1, DEGREE):
        basis[:, j + 1] = (z * basis[:, j] - math.sqrt(j) * basis[:, j - 1]) / math.sqrt(j + 1)
    return basis
