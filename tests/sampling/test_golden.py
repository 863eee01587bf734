"""The stream is for ever: spec v1 gives these bytes on every machine. No change may alter golden.json."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest

from fanin.sampling import Stream, draw
from fanin.sampling._dtypes import DTYPES
from fanin.values import Law, Param

PARAM = Param("w", (37, 5, 3), ("out", "in", "kernel"))
TWO_BLOCKS = Param("w", (100, 150), ("out", "in"))
LAWS = {
    "constant": Law("constant"),
    "delta_orthogonal": Law("delta_orthogonal"),
    "identity": Law("identity"),
    "normal": Law("normal"),
    "orthogonal": Law("orthogonal"),
    "orthogonal 100 x 150": Law("orthogonal"),
    "sparse": Law("sparse", (("incoming", 4.0),)),
    "truncated_normal": Law("truncated_normal"),
    "truncated_normal(-3, 3)": Law("truncated_normal", (("low", -3.0), ("high", 3.0))),
    "truncated_normal(5, 6)": Law("truncated_normal", (("low", 5.0), ("high", 6.0))),
    "uniform": Law("uniform"),
}
GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text())


def digest(array):
    plain = array.view(np.uint16) if array.dtype.name == "bfloat16" else array
    return hashlib.sha256(np.ascontiguousarray(plain).astype(plain.dtype.newbyteorder("<")).tobytes()).hexdigest()


def drawn(name, dtype):
    param = TWO_BLOCKS if "100 x 150" in name else PARAM
    return draw(LAWS[name], param, Stream(2024, "golden"), loc=0.1, scale=0.3, dtype=dtype)


def test_every_entry_is_checked():
    assert set(GOLDEN) == {"bits"} | {f"{name} {dtype}" for name in LAWS for dtype in DTYPES}


def test_bits():
    assert digest(Stream(2024, "golden").bits(2**40 + 7, 1000)) == GOLDEN["bits"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LAWS)
def test_bytes(name, dtype, monkeypatch):
    assert digest(drawn(name, dtype)) == GOLDEN[f"{name} {dtype}"]
    monkeypatch.setattr("fanin.sampling.kernels.LARGE", 0)
    assert digest(drawn(name, dtype)) == GOLDEN[f"{name} {dtype}"]


def test_known_answers_of_the_specification():
    page = (Path(__file__).parents[2] / "docs" / "stream.md").read_text()
    rows = re.findall(r"^\| (\S+|2\^40 − 1) \| ([0-9a-f]{8}) \| (\S+) \| (\S+) \|$", page, re.MULTILINE)
    assert len(rows) == 8
    for element, bits, single, double in rows:
        number = 2**40 - 1 if "^" in element else int(element)
        huge, index = Param("weight", (2**40,), ("out",)), (slice(number, number + 1),)
        assert Stream(0).bits(number, 1)[0] == int(bits, 16)
        assert draw(Law("normal"), huge, Stream(0), index=index)[0] == np.float32(single)
        assert draw(Law("normal"), huge, Stream(0), index=index, dtype="float64")[0] == float(double)


def test_known_orthogonal_matrix():
    """Spec v1, as another program would compute it."""
    page = (Path(__file__).parents[2] / "docs" / "stream.md").read_text()
    rows = re.findall(r"^\| (-?0\.\d+) \| (-?0\.\d+) \| (-?0\.\d+) \|$", page, re.MULTILINE)
    matrix = draw(Law("orthogonal"), Param("weight", (3, 3), ("out", "in")), Stream(0), dtype="float64")
    assert [[float(entry) for entry in row] for row in rows] == matrix.tolist()
