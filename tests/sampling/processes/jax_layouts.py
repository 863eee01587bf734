"""JAX arrays on eight devices: golden draws from the host and on the devices, under several layouts."""

import runpy
from pathlib import Path

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

import fanin
from fanin.errors import InputError
from fanin.sampling import Stream, draw
from fanin.sampling.kernels import jax as jax_kernel
from fanin.sampling.kernels.jax import OnDevice
from fanin.values import Law, Param

BOOK = runpy.run_path(str(Path(__file__).parents[1] / "test_golden.py"))
MESH = Mesh(np.array(jax.devices()).reshape(4, 2), ("a", "b"))


def golden(name, dtype, make):
    param = BOOK["TWO_BLOCKS" if "100 x 150" in name else "PARAM"]
    out = make(param.shape, dtype)
    x = draw(BOOK["LAWS"][name], param, Stream(2024, "golden"), loc=0.1, scale=0.3, out=out)
    assert isinstance(x, jax.Array)
    return BOOK["digest"](np.asarray(x)) == BOOK["GOLDEN"][f"{name} {dtype}"]


def error(out, scheme="he_normal"):
    try:
        fanin.sample(scheme, (2, 3), out=out)
    except InputError as error:
        return str(error)
    raise AssertionError("no error")


assert len(jax.devices()) == 8
assert "jax_enable_x64" in error(jax.ShapeDtypeStruct((2, 3), np.float64))
for dtype in ("float32", "float16", "bfloat16", "float64"):
    jax.config.update("jax_enable_x64", dtype == "float64")
    for name in BOOK["LAWS"]:
        assert golden(name, dtype, jax.ShapeDtypeStruct), (name, dtype)
        if name.startswith(("normal", "uniform", "truncated")):
            assert golden(name, dtype, OnDevice), (name, dtype)

whole = fanin.sample("he_normal", (16, 24))
for spec in (P("a", "b"), P("b", None), P(None, ("b", "a")), P()):
    for make in (jax.ShapeDtypeStruct, OnDevice):
        layout = NamedSharding(MESH, spec)
        x = fanin.sample("he_normal", (16, 24), out=make((16, 24), "float32", sharding=layout))
        assert x.sharding.is_equivalent_to(layout, 2)
        assert np.array_equal(np.asarray(x), whole), (spec, make)

huge, index = Param("w", (2**20, 2**18), ("in", "out")), (slice(-3, None), -1, slice(-70, None, 7))[::2]
part = draw(Law("normal"), huge, Stream(0), index=index)  # elements near 2^38
for make in (jax.ShapeDtypeStruct, OnDevice):
    x = draw(Law("normal"), huge, Stream(0), index=index, out=make(part.shape, "float32"))
    assert np.array_equal(np.asarray(x), part)

assert "give jax.ShapeDtypeStruct" in error(jax.numpy.zeros((2, 3)))
assert "independent values" in error(OnDevice((2, 3), "float32"), "orthogonal")
assert "shape (3, 2), expected float32 of shape (2, 3)" in error(OnDevice((3, 2), "float32"))

# XLA does fuse where the zeros are missing: the test above can fail
jax_kernel._Jax.multiply = lambda self, x, y, kind: x * y
jax_kernel._program.cache_clear()
assert not golden("normal", "float32", OnDevice)
print("passed")
