"""draw: any slice is the slice of the whole; storage order is a permutation; requests that cannot be met."""

import math
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanin import testing
from fanin.errors import FaninError, InputError, MissingExtra, UnknownName
from fanin.sampling import Stream, _draw, draw, moments
from fanin.sampling._dtypes import storage
from fanin.values import Law, Param

NORMAL = Law("normal")
LAWS = {
    "chrono": (("longest", 50.0),),
    "constant": (),
    "delta_orthogonal": (),
    "identity": (),
    "log_count": (),
    "log_step": (),
    "mimetic": (("part", 0.0),),
    "normal": (),
    "one_block": (("block", 1.0),),
    "orthogonal": (),
    "partial_hadamard": (),
    "repeated_normal": (("copies", 4.0),),
    "sparse": (("incoming", 4.0),),
    "sparse_columns": (("share", 0.3),),
    "stored_orthogonal": (("framework", 1.0),),
    "truncated_normal": (("low", -1.0), ("high", 3.0)),
    "uniform": (),
}
OF_SOME = {"chrono", "one_block", "mimetic", "repeated_normal", "sparse_columns", "stored_orthogonal"}
"""Laws for parameters of a certain kind."""
AXES = ("batch", "lookup", "out", "in", "kernel", "kernel")


def test_every_law_is_tested_here():
    assert set(_draw._laws()) == set(LAWS)


@pytest.mark.parametrize("name", sorted(LAWS))
def test_contract(name):
    testing.check_law(_draw._laws()[name], LAWS[name])


@st.composite
def requests(draw_from):
    """A parameter of any axes in any storage order, and an index of it."""
    axes = draw_from(st.permutations(AXES).flatmap(lambda all_axes: st.integers(0, 6).map(lambda n: all_axes[:n])))
    shape = tuple(draw_from(st.integers(1, 5)) for _ in axes)
    index = []
    for size in shape:
        bound = st.none() | st.integers(-size - 1, size + 1)
        one = st.integers(-size, size - 1)
        index.append(
            draw_from(one | st.builds(slice, bound, bound, st.none() | st.sampled_from([-3, -2, -1, 1, 2, 3])))
        )
    length = draw_from(st.integers(0, len(index)))
    return Param("w", shape, tuple(axes)), tuple(index[:length])


@settings(deadline=None, max_examples=200)
@given(requests(), st.sampled_from(sorted(set(LAWS) - OF_SOME)), st.sampled_from(["float32", "float64"]))
def test_a_slice_is_the_slice_of_the_whole(request, name, dtype):
    param, index = request
    law = Law(name, LAWS[name])
    whole = draw(law, param, Stream(3), loc=0.5, scale=2.0, dtype=dtype)
    part = draw(law, param, Stream(3), loc=0.5, scale=2.0, dtype=dtype, index=index)
    assert part.shape == whole[index].shape
    assert part.dtype == dtype
    assert part.tobytes() == np.ascontiguousarray(whole[index]).tobytes()


@settings(deadline=None, max_examples=100)
@given(requests(), st.sampled_from(sorted(set(LAWS) - OF_SOME)))
def test_storage_order_is_a_permutation(request, name):
    param, _ = request
    law = Law(name, LAWS[name])
    stored = draw(law, param, Stream(3), scale=0.1).transpose(param.canonical_axes)
    canonical = Param("w", stored.shape, tuple(param.axes[axis] for axis in param.canonical_axes))
    assert stored.tobytes() == draw(law, canonical, Stream(3), scale=0.1).tobytes()


def test_iid_laws_follow_the_canonical_order():
    flat = draw(NORMAL, Param("w", (3 * 4 * 5,), ("out",)), Stream(0))
    stored = draw(NORMAL, Param("w", (5, 4, 3), ("kernel", "in", "out")), Stream(0))
    assert np.array_equal(stored.transpose(2, 1, 0).ravel(), flat)


@pytest.mark.parametrize(
    "index",
    [
        (slice(None), slice(0, 1024)),  # long runs
        (slice(None), slice(0, 2)),  # short runs: along the other axis
        (slice(None), 5),
        (slice(None, None, -1), slice(None, None, 300)),
    ],
)
def test_slices_of_a_large_matrix(index):
    param = Param("w", (700, 2048), ("out", "in"))
    whole = draw(Law("uniform"), param, Stream(1))
    assert np.array_equal(draw(Law("uniform"), param, Stream(1), index=index), whole[index])


def test_large_transposed_storage_and_strided_destination():
    straight = draw(NORMAL, Param("w", (1100, 600), ("out", "in")), Stream(1))
    assert np.array_equal(draw(NORMAL, Param("w", (600, 1100), ("in", "out")), Stream(1)).T, straight)
    wide = np.zeros((1100, 1800), "float32")
    draw(NORMAL, Param("w", (1100, 600), ("out", "in")), Stream(1), out=wide[:, ::-3])
    assert np.array_equal(wide[:, ::-3], straight)
    assert not wide[:, ::3].any()


def test_index_past_two_to_the_32_blocks():
    """A tensor of 2^38 elements: its last part, in bounded memory, is made of blocks near 2^36."""
    huge = Param("w", (2**20, 2**18), ("out", "in"))
    part = draw(NORMAL, huge, Stream(0), index=(slice(-2, None), slice(-70, None)))
    for row in range(2):
        flat = Param("w", (2**38,), ("out",))
        last = 2**38 - (1 - row) * 2**18
        assert np.array_equal(part[row], draw(NORMAL, flat, Stream(0), index=(slice(last - 70, last),)))
    low_word_alike = draw(NORMAL, huge, Stream(0), index=(slice(2**16 - 2, 2**16), slice(-70, None)))
    assert not np.array_equal(part, low_word_alike)


def test_distinct_paths_and_seeds_are_uncorrelated():
    param = Param("w", (100_000,), ("out",))
    base = draw(NORMAL, param, Stream(0, "a"), dtype="float64")
    for other in (Stream(1, "a"), Stream(0, "b"), Stream(0, "a").child("a")):
        correlation = np.mean(base * draw(NORMAL, param, other, dtype="float64"))
        assert abs(correlation) < 5 / math.sqrt(100_000)


def test_out_is_filled_and_returned():
    out = np.empty((4, 3))
    assert draw(NORMAL, Param("w", (3, 4), ("out", "in")), Stream(0), dtype="float64", out=out.T) is not None
    assert np.array_equal(out.T, draw(NORMAL, Param("w", (3, 4), ("out", "in")), Stream(0), dtype="float64"))


@pytest.mark.parametrize("name", sorted(set(LAWS) - {"sparse_columns"}))
@pytest.mark.parametrize(("shape", "axes"), [((0, 4), ("out", "in")), ((4, 0), ("out", "in")), ((0,), ("out",))])
def test_zero_size(name, shape, axes):
    if name in {"mimetic", "stored_orthogonal"} and len(shape) == 1:
        pytest.skip("no law of a vector")
    law, param = Law(name, LAWS[name]), Param("w", shape, axes, blocks=2)
    assert draw(law, param, Stream(0)).shape == shape
    assert math.isfinite(moments(law, param).mean)


@pytest.mark.parametrize("name", sorted(set(LAWS) - OF_SOME))
def test_zero_dimensions(name):
    value = draw(Law(name, LAWS[name]), Param("scalar", (), ()), Stream(0))
    assert value.shape == ()
    assert np.isfinite(value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dtype": "float8"}, "unknown dtype"),
        ({"scale": 1e5, "dtype": "float16"}, "not a finite float16"),
        ({"scale": 3.4e38, "dtype": "bfloat16"}, "not a finite bfloat16"),
        ({"loc": math.nan}, "loc is nan"),
        ({"scale": 1e39}, "not a finite float32"),
        ({"index": (0, 0, 0)}, "3 entries"),
        ({"index": (3,)}, "out of bounds"),
        ({"index": (-4,)}, "out of bounds"),
        ({"index": (True,)}, "out of bounds"),
        ({"index": (1.0,)}, "neither a whole number nor a slice"),
        ({"index": (None,)}, "neither a whole number nor a slice"),
        ({"index": (slice(0, 1, 0),)}, "neither a whole number nor a slice"),
        ({"index": (slice("a"),)}, "neither a whole number nor a slice"),
        ({"out": np.zeros((3, 5), "float32")}, "expected float32 of shape"),
        ({"out": np.zeros((3, 4)), "dtype": "float32"}, "expected float32 of shape"),
        ({"out": np.zeros((3, 4), ">f4"), "dtype": "float32"}, "expected float32 of shape"),
        ({"out": np.zeros((3, 4), "int32")}, "out is int32, expected one of float32"),
        ({"out": np.zeros((3, 4), "uint16"), "dtype": "bfloat16"}, "expected bfloat16 of shape"),
        ({"out": np.broadcast_to(np.float32(0), (3, 4))}, "read-only"),
        ({"out": [[0.0]]}, "expected a NumPy array"),
    ],
)
def test_what_cannot_be_drawn(arguments, message):
    with pytest.raises(FaninError, match=message):
        draw(NORMAL, Param("w", (3, 4), ("out", "in")), Stream(0), **arguments)


def test_too_large():
    huge = Param("w", (2**40, 2**20), ("out", "in"))
    with pytest.raises(InputError, match=r"too little memory to draw 4.29e\+09 GiB"):
        draw(NORMAL, huge, Stream(0))
    with pytest.raises(InputError, match="too little memory"):
        draw(Law("orthogonal"), Param("w", (2**20, 2**20), ("out", "in")), Stream(0), index=(0, 0))
    with pytest.raises(InputError, match="more elements than a stream"):
        draw(NORMAL, Param("w", (2**40, 2**25), ("out", "in")), Stream(0), index=(0, 0))


def test_memory_map_slice_by_slice(tmp_path, monkeypatch):
    """A file larger than what is allowed at once; peak memory is that of a slice's buffers."""
    param = Param("w", (1024, 2048), ("in", "out"))
    mapped = np.memmap(tmp_path / "w", "float16", "w+", shape=param.shape)
    draw(NORMAL, param, Stream(0), dtype="float16", index=(slice(0, 1),), out=mapped[:1])
    tracemalloc.start()
    for first in range(0, 1024, 64):
        rows = slice(first, first + 64)
        draw(NORMAL, param, Stream(0), dtype="float16", index=(rows,), out=mapped[rows])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < mapped.nbytes
    assert np.array_equal(mapped, draw(NORMAL, param, Stream(0), dtype="float16"))


def test_no_temporary_as_large_as_the_output():
    out = np.empty((2048, 2048), "float32")
    param = Param("w", (2048, 2048), ("in", "out"))
    draw(NORMAL, param, Stream(0), out=out)
    tracemalloc.start()
    draw(NORMAL, param, Stream(0), out=out)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < out.nbytes / 4


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", LAWS)
def test_sixteen_bits_are_float32_rounded_once(name, dtype):
    param = Param("w", (40, 18), ("out", "in"), blocks=4)
    law = Law(name, LAWS[name])
    single = draw(law, param, Stream(1), loc=0.1, scale=0.7)
    half = draw(law, param, Stream(1), loc=0.1, scale=0.7, dtype=dtype)
    assert half.dtype == storage(dtype)
    assert np.array_equal(half, single.astype(storage(dtype)))


def test_bfloat16_without_its_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    with pytest.raises(MissingExtra, match=r"fanin\[bfloat16\]"):
        draw(NORMAL, Param("w", (3,), ("out",)), Stream(0), dtype="bfloat16")


@pytest.mark.parametrize(("dtype", "next_inside"), [("float16", 0.2998046875), ("bfloat16", 0.298828125)])
def test_bounds_hold_after_rounding_to_sixteen_bits(dtype, next_inside):
    """No 16-bit number is 0.3: its nearest may lie beyond, so the bound is the last one within."""
    law = Law("truncated_normal", (("low", -0.3), ("high", 0.3)))
    x = draw(law, Param("w", (50_000,), ("out",)), Stream(0), dtype=dtype).astype(float)
    assert (x.min(), x.max()) == (-next_inside, next_inside)


def test_laws_and_their_arguments_are_known():
    param = Param("w", (3,), ("out",))
    with pytest.raises(UnknownName, match="did you mean normal"):
        draw(Law("normall"), param, Stream(0))
    with pytest.raises(InputError, match="does not take mu"):
        moments(Law("normal", (("mu", 0.0),)), param)
    with pytest.raises(InputError, match="whole number of inputs"):
        draw(Law("sparse", (("incoming", 0.5),)), param, Stream(0))


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        (1.0, 1.0, "expected low < high"),
        (math.nan, 1.0, "expected low < high"),
        (38.0, math.inf, "less than 1e-299"),
        (1 + 1e-9, 1 + 2e-9, "no float32 lies between"),
    ],
)
def test_impossible_bounds(low, high, message):
    law = Law("truncated_normal", (("low", low), ("high", high)))
    with pytest.raises(InputError, match=message):
        draw(law, Param("w", (3,), ("out",)), Stream(0))


@pytest.mark.parametrize(("scale", "dtype"), [(1e38, "float32"), (1e4, "float16"), (1e308, "float64")])
def test_values_that_would_overflow_are_refused(scale: float, dtype: str) -> None:
    with pytest.raises(InputError, match="largest"):
        draw(Law("normal"), Param("w", (4, 3), ("out", "in")), Stream(0), scale=scale, dtype=dtype)
