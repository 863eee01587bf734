"""The contract of a scheme: its claims, and its law exactly."""

import math
from collections.abc import Iterator

from fanin import schemes
from fanin.schemes import Variant
from fanin.testing._contract import accepts, require
from fanin.testing._draws import check_draws
from fanin.values import Formula, Param, Scheme
from fanin.values.param import Axis


def check_scheme(item: Variant) -> None:
    """A scheme's claims: by its law exactly, and by its draws within the standard error.

    For vectors, dense, convolution, grouped, depthwise, transposed, fused and table parameters, experts and heads:
    mean, second moment, support, orthogonality; where entries are independent, Kolmogorov-Smirnov against the law, and
    neighbours, paths and seeds without correlation; all types are one draw, rounded; the documentation is there. A kind
    of parameter that the scheme refuses with an InputError is passed over, but not all of them.

    Raises:
        ContractError: naming the scheme, the parameter and the claim that fails.

    Example:
        >>> check_scheme(schemes.find("he_normal"))
    """
    required = [key for key, value in item.defaults.items() if value is None]
    scheme = item(**{key: 0.25 * (i + 1) for i, key in enumerate(required)})
    require(bool(item.page) and bool(scheme.reference), f"{item.name} has a documentation line and a reference")
    require(scheme.claims is not None, f"{item.name} claims its moments")
    params = [param for param in _params() if accepts(scheme, param)]
    require(bool(params), f"{item.name} accepts a parameter of some kind")
    for param in params:
        _check_moments(scheme, param)
        check_draws(scheme, param)


def _params() -> Iterator[Param]:
    owner = Param("w", (4000, 50), ("out", "in"))
    yield Param("vector", (4000,), ("out",), role="bias", blocks=4, owner=owner.fans)
    yield Param("dense", (120, 80), ("out", "in"))
    yield Param("dense stored in, out", (80, 120), ("in", "out"))
    yield Param("fused QKV", (192, 64), ("out", "in"), blocks=3)
    yield Param("4H gates", (128, 32), ("out", "in"), blocks=4)
    yield from _tensors()


def _tensors() -> Iterator[Param]:
    conv: tuple[Axis, ...] = ("out", "in", "kernel", "kernel")
    transposed: tuple[Axis, ...] = ("in", "out", "kernel", "kernel")
    yield Param("conv 1-D", (64, 32, 5), ("out", "in", "kernel"))
    yield Param("conv", (64, 16, 3, 3), conv)
    yield Param("conv 2-D stored kernel, in, out", (3, 2, 16, 64), ("kernel", "kernel", "in", "out"), stride=4)
    yield Param("conv 3-D", (16, 8, 2, 3, 3), (*conv, "kernel"))
    yield Param("grouped", (64, 8, 3, 3), conv, groups=4)
    yield Param("depthwise", (512, 1, 3, 3), conv, groups=512)
    yield Param("transposed", (32, 16, 4, 4), transposed, transposed=True, stride=4)
    yield Param("transposed grouped", (32, 8, 3, 3), transposed, transposed=True, stride=4, groups=4)
    yield Param("experts", (4, 40, 60), ("batch", "out", "in"))
    yield Param("heads", (48, 4, 16), ("in", "batch", "out"))
    yield Param("embedding", (150, 64), ("lookup", "out"), role="embedding")


def _check_moments(scheme: Scheme, param: Param) -> None:
    """The law's exact moments are what the scheme claims."""
    law, claims = schemes.moments(scheme, param), scheme.claims
    assert claims is not None
    for what, text, found in (
        ("mean", claims.mean, law.mean),
        ("second moment", claims.second_moment, law.second_moment),
        ("lower end", claims.low, law.low),
        ("upper end", claims.high, law.high),
    ):
        if not text:
            continue
        claimed = Formula(text)(**param.names)
        near = math.isclose(found, claimed, rel_tol=1e-9, abs_tol=1e-12)
        require(near, f"{scheme.name} on {param.path}: {what} claimed {claimed:g}, by its law {found:g}")
