"""numba gives the bits of NumPy."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core.caching import CacheImpl

from fanin.errors import InputError
from fanin.sampling import Stream, _fill, _haar, draw, kernels
from fanin.sampling._dtypes import DTYPES, computed_in, storage
from fanin.sampling._threads import cores
from fanin.sampling.kernels import numba, numba_product, numpy
from fanin.sampling.laws.truncated_normal import plan
from fanin.testing import check_kernel
from fanin.values import Law, Param

LAWS = [
    ("uniform", None),
    ("normal", None),
    ("central", (-2.0, 2.0)),
    ("central", (0.25, 1.5)),
    ("tail", (-3.0, 4.0)),
    ("tail", (5.0, 6.0)),
    ("tail", (-np.inf, -1.0)),
]


def arguments(bounds, dtype):
    return plan(*bounds, dtype)[1] if bounds else ()


def test_contract():
    check_kernel(numba.fill)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("law", "bounds"), LAWS)
def test_same_bits(law, bounds, dtype):
    number, kind = np.dtype(computed_in(dtype)).type, storage(dtype)

    @settings(deadline=None, max_examples=25)
    @given(
        st.integers(0, 2**62),
        st.integers(0, 1000),
        st.sampled_from([1, 1, 1, -1, 3, 64, -77, 2**33]),
        st.floats(-10, 10),
        st.floats(-10, 10),
    )
    def same(start, count, step, loc, scale):
        a, b = np.empty(count, kind), np.empty(count, kind)
        for out, fill in ((a, numpy.fill), (b, numba.fill)):
            fill(out, law, Stream(7).key, start, step, number(loc), number(scale), arguments(bounds, dtype))
        assert a.tobytes() == b.tobytes()

    same()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("law", "bounds"), LAWS)
def test_any_tiling(law, bounds, dtype):
    whole = np.empty(700, storage(dtype))
    number = np.dtype(computed_in(dtype)).type
    affine = number(0.5), number(2)
    numpy.fill(whole, law, Stream(1).key, 10, 1, *affine, arguments(bounds, dtype))

    @settings(deadline=None, max_examples=15)
    @given(st.lists(st.integers(0, 700), max_size=6))
    def tiled(cuts):
        edges = [0, *sorted(cuts), 700]
        parts = np.empty(700, whole.dtype)
        for fill in (numpy.fill, numba.fill):
            for first, last in pairwise(edges):
                key = Stream(1).key
                fill(parts[first:last], law, key, 10 + first, 1, *affine, arguments(bounds, dtype))
            assert parts.tobytes() == whole.tobytes()

    tiled()


@pytest.mark.parametrize("threads", [1, 2, 3, 4])
@pytest.mark.parametrize("axes", [("out", "in"), ("in", "out")])
def test_any_number_of_threads(monkeypatch, threads, axes):
    """Blocks of any size on any number of threads: a contiguous and a transposed destination, and a slice."""
    param = Param("w", (613, 257), axes)
    whole = draw(Law("normal"), param, Stream(2))
    monkeypatch.setattr(kernels, "LARGE", 0)
    monkeypatch.setattr(_fill, "DIRECT", 20_000)
    monkeypatch.setattr(_fill, "cores", lambda: threads)
    assert draw(Law("normal"), param, Stream(2)).tobytes() == whole.tobytes()
    index = (slice(5, None, 2), slice(250, 1, -1))
    assert np.array_equal(draw(Law("normal"), param, Stream(2), index=index), whole[index])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("rows", "columns"), [(3, 200), (200, 3), (5, 5)])
@pytest.mark.parametrize(("pitch", "step"), [(300, 1), (-77, 1), (2**40 + 5, -3)])
def test_rows_of_a_matrix(rows, columns, pitch, step, dtype):
    number = np.dtype(computed_in(dtype)).type
    expected = np.empty((rows, columns), storage(dtype))
    for i, row in enumerate(expected):
        numpy.fill(row, "normal", Stream(3).key, 10**6 + pitch * i, step, number(0.5), number(2), ())
    for fill in (numpy.fill, numba.fill):
        out = np.zeros_like(expected)
        fill(out, "normal", Stream(3).key, 10**6, step, number(0.5), number(2), (), pitch)
        assert out.tobytes() == expected.tobytes()


@st.composite
def destinations(draw_from):
    """A parameter in any storage order, a slice of it, and memory of any strides for that slice."""
    sizes = draw_from(st.lists(st.sampled_from([1, 2, 3, 17, 40, 64, 70, 130]), min_size=3, max_size=3))
    axes = draw_from(st.permutations(["batch", "out", "in"]))
    steps = [draw_from(st.sampled_from([1, 1, 1, -1, 2, 3, -5, 9])) for _ in sizes]
    index = tuple(slice(None, None, step) for step in steps)
    gaps = [draw_from(st.sampled_from([1, 1, -1, 2])) for _ in sizes]
    order = draw_from(st.permutations(range(3)))
    return Param("w", tuple(sizes), tuple(axes)), index, gaps, order


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_any_strides(monkeypatch, dtype):
    monkeypatch.setattr(_fill, "DIRECT", 5000)
    monkeypatch.setattr(_fill, "CALL", 100)

    @settings(deadline=None, max_examples=60)
    @given(destinations())
    def same(request):
        param, index, gaps, order = request
        monkeypatch.setattr(kernels, "LARGE", 2**60)
        expected = draw(Law("normal"), param, Stream(2), scale=0.5, dtype=dtype)[index]
        spread = [expected.shape[axis] * abs(gaps[axis]) for axis in order]
        memory = np.zeros(spread, expected.dtype).transpose(np.argsort(order))
        out = memory[tuple(slice(None, None, gap) for gap in gaps)]
        monkeypatch.setattr(kernels, "LARGE", 0)
        draw(Law("normal"), param, Stream(2), scale=0.5, dtype=dtype, index=index, out=out)
        assert out.tobytes() == np.ascontiguousarray(expected).tobytes()
        assert np.count_nonzero(memory) <= out.size  # nothing beside it

    same()


def test_fields_of_records(monkeypatch):
    """Strides that are no multiple of the size, at addresses that are none either."""
    records = np.zeros(100, np.dtype([("flag", "i1"), ("weight", "f4")]))
    monkeypatch.setattr(kernels, "LARGE", 0)
    draw(Law("normal"), Param("w", (100,), ("out",)), Stream(2), out=records["weight"])
    monkeypatch.undo()
    assert np.array_equal(records["weight"], draw(Law("normal"), Param("w", (100,), ("out",)), Stream(2)))
    assert not records["flag"].any()


def test_a_limit_on_threads(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3,2")
    assert cores() == 3
    monkeypatch.setenv("FANIN_NUM_THREADS", "1")
    assert cores() == 1
    monkeypatch.setenv("FANIN_NUM_THREADS", "all")
    with pytest.raises(InputError, match="FANIN_NUM_THREADS=all, expected a whole number of threads"):
        cores()


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 150), st.integers(0, 150)),
    st.sampled_from(["float32", "float64"]),
    st.integers(0, 3),
)
def test_products_have_the_same_bits(sizes, dtype, margin):
    """Any sizes, also in the middle of larger arrays."""
    count, rows, terms, columns = sizes
    rng = np.random.default_rng(0)
    a, b, c = (
        rng.standard_normal((count, x, margin + y + margin)).astype(dtype)[:, :, margin : margin + y]
        for x, y in ((rows, terms), (terms, columns), (rows, columns))
    )
    expected = c.copy()
    for k in range(terms):
        expected = expected + a[:, :, k, None] * b[:, k, None, :]
    for kernel in (numpy, numba):
        result = rng.standard_normal((count, rows, columns + 2)).astype(dtype)
        result[:, :, 1:-1] = c
        kernel.add_product(result[:, :, 1:-1], a, b)
        assert result[:, :, 1:-1].tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 300, 130), (1, 64, 65), (7, 3, 5), (3, 100, 250), (1, 5, 3000)])
def test_orthogonal_matrices_have_the_same_bits(monkeypatch, shape, dtype):
    """NumPy, and numba on any number of threads."""
    param, law = Param("w", shape, ("batch", "out", "in")), Law("orthogonal")
    whole = draw(law, param, Stream(2), loc=0.1, scale=0.7, dtype=dtype)
    monkeypatch.setattr(kernels, "LARGE", 0)
    monkeypatch.setattr(_haar, "STACK", 30)
    for threads in (1, 2, 4):
        monkeypatch.setattr(_haar, "cores", lambda threads=threads: threads)
        assert draw(law, param, Stream(2), loc=0.1, scale=0.7, dtype=dtype).tobytes() == whole.tobytes()


def test_large_requests_go_to_numba():
    assert kernels.kernel(kernels.LARGE - 1) is numpy.fill
    assert kernels.kernel(kernels.LARGE) is numba.fill


def test_no_folder_for_the_cache(monkeypatch):
    monkeypatch.setattr(CacheImpl, "_locator_classes", [])
    monkeypatch.setattr(numba, "_compiled", numba._compiled.__wrapped__)
    monkeypatch.setattr(numba_product, "_compiled", numba_product._compiled.__wrapped__)
    out, again = np.empty(64, "float32"), np.empty(64, "float32")
    for array, kernel in ((out, numba), (again, numpy)):
        kernel.fill(array, "uniform", Stream(0).key, 0, 1, np.float32(0), np.float32(1), ())
        kernel.add_product(array.reshape(1, 8, 8), np.full((1, 8, 2), 3, "float32"), np.full((1, 2, 8), 5, "float32"))
    assert out.tobytes() == again.tobytes()
