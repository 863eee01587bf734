"""Requests at the edges: tensors that no memory holds, nothing at all, odd destinations."""

import math
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from fanin.errors import InputError
from fanin.sampling import Stream, draw
from fanin.values import Law, Param

NORMAL = Law("normal")
SIDE = 100_000
HUGE = Param("w", (SIDE, SIDE), ("out", "in"))
"""10^10 elements."""


def flat(start, count, size=SIDE * SIDE, **arguments):
    """The same elements, addressed by their canonical number."""
    index = (slice(start, start + count),)
    return draw(NORMAL, Param("w", (size,), ("out",)), Stream(0), index=index, **arguments)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_ten_thousand_million_elements_slice_by_slice(tmp_path, dtype):
    """A sparse file: only what is written takes room. First, middle and last rows; memory is a slice's buffers."""
    mapped = np.memmap(tmp_path / "w", dtype, "w+", shape=HUGE.shape)
    draw(NORMAL, HUGE, Stream(0), index=(slice(0, 1),), out=mapped[:1])
    tracemalloc.start()
    for first in (0, 3, SIDE // 2, SIDE - 4):
        rows = slice(first, first + 4)
        draw(NORMAL, HUGE, Stream(0), dtype=dtype, index=(rows,), out=mapped[rows])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**24
    for row in (0, 6, SIDE // 2 + 1, SIDE - 1):
        assert np.array_equal(mapped[row], flat(row * SIDE, SIDE, dtype=dtype))
    assert not mapped[7:10].any()


def test_columns_of_a_file_in_the_other_storage_order(tmp_path):
    turned = Param("w", (SIDE, SIDE), ("in", "out"))
    mapped = np.memmap(tmp_path / "w", "float32", "w+", shape=(SIDE, SIDE))
    last = slice(SIDE - 2, SIDE)
    draw(NORMAL, turned, Stream(0), index=(last, slice(0, 500)), out=mapped[last, :500])
    for row in range(500):
        assert np.array_equal(mapped[last, row], flat((row + 1) * SIDE - 2, 2))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits a process's memory as Linux does")
def test_a_process_of_little_memory_fills_a_large_file(tmp_path):
    """2 GiB of a 40 GB file under a limit of 512 MiB of memory of its own: the map's pages are the file's."""
    code = f"""
import resource, sys
import numpy as np
from fanin.sampling import Stream, draw
from fanin.values import Law, Param
resource.setrlimit(resource.RLIMIT_DATA, (2**29, 2**29))
param = Param("w", ({SIDE}, {SIDE}), ("out", "in"))
mapped = np.memmap({str(tmp_path / "w")!r}, "float32", "w+", shape=param.shape)
for first in range(0, 5000, 250):
    rows = slice(first, first + 250)
    draw(Law("normal"), param, Stream(0), index=(rows,), out=mapped[rows])
    mapped.flush()
try:
    draw(Law("normal"), param, Stream(0), index=(slice(0, 5000),))
except Exception as error:
    print(error)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "too little memory" in found.stdout
    mapped = np.memmap(Path(tmp_path / "w"), "float32", "r", shape=HUGE.shape)
    assert np.array_equal(mapped[4999], flat(4999 * SIDE, SIDE))


def test_the_last_element_that_a_stream_has():
    """2^64 elements: the tile's number and the block's fit; float64 takes its second words 2^63 blocks on."""
    for dtype in ("float32", "float64"):
        last = flat(2**64 - 70, 70, size=2**64, dtype=dtype)
        assert np.all(np.isfinite(last))
        assert np.array_equal(last[-6:], flat(2**64 - 6, 6, size=2**64, dtype=dtype))
    with pytest.raises(InputError, match="more elements than a stream"):
        flat(0, 1, size=2**64 + 1)


@pytest.mark.parametrize(
    "law", ["normal", "uniform", "truncated_normal", "orthogonal", "identity", "sparse", "constant"]
)
def test_nothing_is_drawn_of_an_empty_slice(law):
    param = Param("w", (4, 3), ("out", "in"))
    assert draw(Law(law), param, Stream(0), index=(slice(2, 2),)).shape == (0, 3)
    assert draw(Law(law), param, Stream(0), index=(slice(None), slice(3, 0))).shape == (4, 0)
    out = np.empty((0, 3), "float32")
    assert draw(Law(law), param, Stream(0), index=(slice(0),), out=out) is out


def test_zero_dimensions_in_place():
    out = np.empty((), "float64")
    draw(NORMAL, Param("scalar", (), ()), Stream(0), dtype="float64", out=out)
    assert out == flat(0, 1, dtype="float64")[0]
    row = np.zeros(5, "float32")
    draw(NORMAL, Param("w", (4, 3), ("out", "in")), Stream(0), index=(2, 1), out=row[3:4].reshape(()))
    assert row[3] == flat(7, 1)[0]
    assert np.count_nonzero(row) == 1


@pytest.mark.parametrize("law", ["normal", "truncated_normal", "orthogonal", "sparse", "identity"])
def test_destinations_that_are_not_contiguous(law):
    param = Param("w", (6, 8), ("out", "in"))
    expected = draw(Law(law), param, Stream(0))
    block = np.zeros((6, 3, 8), "float32")
    for out in (block[:, 1], np.zeros((8, 6), "float32").T, np.zeros((12, 24), "float32")[::-2, ::3]):
        draw(Law(law), param, Stream(0), out=out)
        assert np.array_equal(out, expected)
    assert not block[:, ::2].any()


@pytest.mark.parametrize("law", ["normal", "orthogonal", "constant"])
def test_a_read_only_map_is_refused(tmp_path, law):
    np.zeros(12, "float32").tofile(tmp_path / "w")
    mapped = np.memmap(tmp_path / "w", "float32", "r", shape=(4, 3))
    with pytest.raises(InputError, match="read-only"):
        draw(Law(law), Param("w", (4, 3), ("out", "in")), Stream(0), out=mapped)


@pytest.mark.parametrize(("dtype", "scale"), [("float16", 8000.0), ("bfloat16", 3.5e37), ("float32", 3.5e37)])
def test_what_would_overflow_is_refused_and_what_just_fits_is_finite(dtype, scale):
    param = Param("w", (300, 300), ("out", "in"))
    with pytest.raises(InputError, match="largest"):
        draw(NORMAL, param, Stream(0), scale=1.2 * scale, dtype=dtype)
    assert np.all(np.isfinite(draw(NORMAL, param, Stream(0), scale=0.9 * scale, dtype=dtype).astype(float)))
    assert math.isfinite(draw(Law("constant"), param, Stream(0), loc=7 * scale, dtype=dtype)[0, 0])
