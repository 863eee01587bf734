"""The numbers that a scheme draws, against its claims and its law."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import ndtr

from fanin import schemes
from fanin.sampling._matrix import coordinates, matrices
from fanin.sampling._region import region
from fanin.testing._contract import SIGMAS, require
from fanin.values import Law, Param, Scheme


def check_draws(scheme: Scheme, param: Param) -> None:
    """The drawn numbers have the moments, the support and the orthogonality that the scheme claims."""
    law, claims = schemes.moments(scheme, param), scheme.claims
    assert claims is not None
    exact = schemes.sample(scheme, param, dtype="float64")
    where = f"{scheme.name} on {param.path}"
    for dtype in ("float32", "float16"):
        _check_rounded(schemes.sample(scheme, param, dtype=dtype), exact, where)
    x = exact.transpose(param.canonical_axes).ravel()
    slack = 1e-9 * max(1.0, abs(law.mean), law.std)
    independent = x.size / dict(scheme.law.arguments).get("copies", 1.0)
    require(bool(np.all(np.isfinite(x))), f"{where}: all values finite")
    require(x.min() >= law.low - slack and x.max() <= law.high + slack, f"{where}: values within the support")
    for what, power, expected in (("mean", 1, law.mean), ("second moment", 2, law.second_moment)):
        powers = x**power
        error = float(powers.std()) / math.sqrt(independent)
        deviation = abs(float(powers.mean()) - expected)
        require(deviation <= SIGMAS * error + slack, f"{where}: {what} {powers.mean():g}, expected {expected:g}")
    if claims.orthogonal and param.role == "weight":
        _check_orthogonal(scheme, param)
    if (distribution := _distribution(scheme.law)) and law.std:
        standard = (x - law.mean) / law.std
        _check_independence(standard, where)
        for other in ({"seed": 1}, {"path": "other"}):
            y = schemes.sample(scheme, param, dtype="float64", **other).transpose(param.canonical_axes).ravel()
            _check_uncorrelated(standard, (y - law.mean) / law.std, f"{where}: {other}")
        loc, scale = schemes.resolve(scheme, param)
        p = float(stats.kstest((x - loc) / scale, distribution).pvalue)
        require(p > 1e-6, f"{where}: the law's distribution, p {p:.2g}")


def _distribution(law: Law) -> Callable[[Any], Any] | None:
    """The distribution function of laws whose entries are independent."""
    arguments = dict(law.arguments)
    low, high = arguments.get("low", -2.0), arguments.get("high", 2.0)
    known: dict[str, Callable[[Any], Any]] = {
        "normal": ndtr,
        "uniform": lambda x: np.clip((x + 1) / 2, 0, 1),
        "truncated_normal": lambda x: (ndtr(x) - ndtr(low)) / (ndtr(high) - ndtr(low)),
    }
    return known.get(law.name)


def _check_independence(z: NDArray[np.float64], where: str) -> None:
    """Neighbours in canonical order, and their squares, at the distances of lanes, words and tiles."""
    for what, y in (("values", z), ("squares", (z**2 - np.mean(z**2)) / np.std(z**2))):
        for lag in (1, 16, 64):
            _check_uncorrelated(y[lag:], y[:-lag], f"{where}: {what} at distance {lag}")


def _check_uncorrelated(a: NDArray[np.float64], b: NDArray[np.float64], where: str) -> None:
    correlation = float(np.mean(a * b))
    require(abs(correlation) <= SIGMAS / math.sqrt(a.size), f"{where}: correlation {correlation:g}, expected 0")


def _check_rounded(x: NDArray[Any], exact: NDArray[np.float64], where: str) -> None:
    """A type of fewer digits holds the same draws: off by its rounding, and by what float32 loses on the way."""
    limits = np.finfo(x.dtype)
    allowed = float(limits.eps) * np.abs(exact) + 1e-5 * float(np.abs(exact).max()) + float(limits.smallest_subnormal)
    require(bool(np.all(np.abs(x - exact) <= allowed)), f"{where}: the {x.dtype} draw is the float64 draw, rounded")


def _check_orthogonal(scheme: Scheme, param: Param) -> None:
    size, (copy, row, column) = matrices(param), coordinates(param, region(param, None))
    stack = np.empty((size.copies, size.rows, size.columns))
    stack[copy, row, column] = schemes.sample(scheme, param, dtype="float64").transpose(param.canonical_axes)
    for matrix in stack[:8]:
        gram = matrix @ matrix.T if size.rows <= size.columns else matrix.T @ matrix
        off = np.abs(gram - np.diag(np.diag(gram))).max()
        require(off < 1e-9, f"{scheme.name} on {param.path}: rows or columns at right angles (off by {off:g})")
