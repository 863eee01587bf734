"""JAX arrays: each shard drawn on the host, with the same bits under any sharding; or all of it on the devices.

`fanin.sample(..., out=jax.ShapeDtypeStruct(shape, dtype, sharding=...))` draws shard by shard with the engine that
fills NumPy's arrays: no process draws more than its own shards, and the bits are those of the specification whatever
the devices are, since none of it is computed there.

`fanin.sample(..., out=OnDevice(shape, dtype, sharding=...))` computes where the array will be. XLA fuses products with
sums, which would change one value in four by a last bit; so each product passes through an exclusive or with zeros
that the compiler cannot see through, since they come at run time. On a GPU it takes approximate quotients and roots of
float32; so these are taken in float64, hidden likewise, or LLVM would take them in float32 after all, and rounded.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from fanin.errors import InputError
from fanin.sampling import philox
from fanin.sampling._dtypes import computed_in
from fanin.sampling._memory import empty
from fanin.sampling._region import Region
from fanin.sampling._request import Request
from fanin.sampling.kernels._lanes import Lanes, on_lanes
from fanin.sampling.transform import TRANSFORMS
from fanin.sampling.transform.rounding import ROUNDINGS

Pair = tuple[Any, Any]
"""A 64-bit number as two 32-bit ones, low and high: by default JAX has no larger."""


class OnDevice(jax.ShapeDtypeStruct):
    """Describes an array that is computed on its own devices, not on the host.

    Example:
        >>> import fanin
        >>> host = fanin.sample("he_normal", (64, 32))
        >>> bool((host == fanin.sample("he_normal", (64, 32), out=OnDevice((64, 32), "float32"))).all())
        True
    """


def deliver(out: Any, request: Request) -> jax.Array:
    """The array that `out` describes; without a sharding, on the default device."""
    if not isinstance(out, jax.ShapeDtypeStruct):
        raise InputError(
            f"out is a {type(out).__name__}, which JAX does not change; give jax.ShapeDtypeStruct(shape, dtype)"
        )
    if request.dtype == np.float64 and not jax.config.read("jax_enable_x64"):  # type: ignore[no-untyped-call]
        raise InputError("out is float64, which JAX has only after jax.config.update('jax_enable_x64', True)")
    sharding = out.sharding or jnp.zeros(()).sharding
    if isinstance(out, OnDevice):
        return _on_device(request, sharding)

    def shard(index: tuple[slice, ...] | None) -> Any:
        part = request.region.part(index or ())
        values = empty(part.shape, request.dtype)
        request.fill(values, part)
        return values

    return jax.make_array_from_callback(out.shape, sharding, shard, dtype=request.dtype)


def _on_device(request: Request, sharding: Any) -> jax.Array:
    """Key, numbers and zeros go to the device; one program serves all tensors of a shape and a law."""
    rule = request.elementwise
    if rule is None:
        raise InputError("on the device only laws of independent values are drawn; give out=jax.ShapeDtypeStruct(...)")
    affine = np.array([rule.loc, rule.scale, *rule.arguments], computed_in(request.dtype.name))
    words = np.array([*rule.key, 0], np.uint32)
    with jax.enable_x64(True):  # for this program alone: roots and quotients are taken in float64
        values: jax.Array = _program(rule.law, request.dtype.name, request.region, sharding)(words, affine)
    return values


@lru_cache
def _program(law: str, dtype: str, region: Region, sharding: Any) -> Callable[[Any, Any], jax.Array]:
    kind, size = ("float64", "uint64") if dtype == "float64" else ("float32", "uint32")

    def run(words: Any, affine: Any) -> jax.Array:
        library = _Jax(words[4])
        key = tuple(Lanes(library, word.astype(size), size) for word in words[:4])
        loc, scale, *arguments = (Lanes(library, number, kind) for number in affine)
        low, high = _numbers(region)
        tile = low >> 6 | high << 26, high >> 6
        block: Any = tile[0] << 4 | low & 15, tile[1] << 4 | tile[0] >> 28
        if kind == "float64":
            block = Lanes(library, block[1].astype(size) << 32 | block[0].astype(size), size)
        four = (value.x for value in _copy(kind, TRANSFORMS[law, kind])(key, block, arguments))
        z = Lanes(library, jnp.choose((low >> 4 & 3).astype(jnp.int32), list(four), mode="clip"), kind)
        value = z * scale + loc
        bits = _copy(kind, ROUNDINGS[dtype])(value).x if dtype in ROUNDINGS else value.x
        return jax.lax.bitcast_convert_type(bits, dtype)

    return jax.jit(run, out_shardings=sharding)


@lru_cache
def _copy(kind: str, function: Any) -> Any:
    return on_lanes({} if kind == "float64" else {philox.philox: _philox})(function)


class _Jax:
    """Kinds on JAX, which has NumPy's; but XLA must not see that a product is what it seems."""

    def __init__(self, zero: Any) -> None:
        self.zero = zero

    def scalar(self, number: Any, kind: str) -> Any:
        return np.dtype(kind).type(number)

    def cast(self, x: Any, to: str) -> Any:
        return x.astype(to)

    def bits(self, x: Any, kind: str, to: str) -> Any:
        return jax.lax.bitcast_convert_type(x, to)

    def multiply(self, x: Any, y: Any, kind: str) -> Any:
        return self._opaque(x * y) if kind.startswith("float") else x * y

    def shift_right(self, x: Any, count: int, kind: str) -> Any:
        return x >> count

    def divide(self, x: Any, y: Any) -> Any:
        return self._opaque(x.astype(np.float64) / y.astype(np.float64)).astype(x.dtype)  # rounded twice, as if once

    def sqrt(self, x: Any) -> Any:
        return self._opaque(jnp.sqrt(x.astype(np.float64))).astype(x.dtype)

    def _opaque(self, x: Any) -> Any:
        """The same, of which the compiler can't tell how it was made."""
        size = x.dtype.name.replace("float", "uint")
        return jax.lax.bitcast_convert_type(jax.lax.bitcast_convert_type(x, size) ^ self.zero.astype(size), x.dtype)

    def where(self, condition: Any, yes: Any, no: Any) -> Any:
        return jnp.where(condition, yes, no)


def _numbers(region: Region) -> Pair:
    """The canonical number of each element of an array of the region's shape, modulo 2^64."""
    kept = [axis for axis, is_kept in enumerate(region.kept) if is_kept]
    total = tuple(jnp.full(region.shape, word, jnp.uint32) for word in _halves(region.start))
    for axis, move in zip(region.order, region.moves, strict=True):
        if region.kept[axis]:
            position = jax.lax.broadcasted_iota(jnp.uint32, region.shape, kept.index(axis))
            step = _halves(move)
            low, high = _product(position, step[0])
            low, high = low + total[0], high + position * step[1] + total[1]
            total = low, high + (low < total[0])
    return total[0], total[1]


def _halves(number: int) -> tuple[np.uint32, np.uint32]:
    return np.uint32(number % 2**32), np.uint32((number >> 32) % 2**32)


def _product(a: Any, b: Any) -> Pair:
    """Of 32-bit words all 64 bits, by halves of 16."""
    a0, a1, b0, b1 = a & 0xFFFF, a >> 16, b & 0xFFFF, b >> 16
    cross, other = a0 * b1, a1 * b0
    middle = (a0 * b0 >> 16) + (cross & 0xFFFF) + (other & 0xFFFF)
    return a * b, a1 * b1 + (cross >> 16) + (other >> 16) + (middle >> 16)


def _philox(key: Any, block: Pair) -> Any:
    """`philox.philox` for a machine whose words have 32 bits."""
    (c0, c1), (k0, k1, c2, c3) = block, (word.x for word in key)
    for _ in range(philox.ROUNDS):
        (low0, high0), (low1, high1) = _product(c0, np.uint32(philox._M0)), _product(c2, np.uint32(philox._M1))
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = k0 + np.uint32(philox._W0), k1 + np.uint32(philox._W1)
    return tuple(Lanes(key[0].library, word, "uint32") for word in (c0, c1, c2, c3))
