"""stored_orthogonal: the units of each framework, and any slice of any storage order."""

import numpy as np
import pytest

from fanin.errors import InputError
from fanin.sampling import Stream, draw, moments
from fanin.values import Law, Param

CONV = ("out", "in", "kernel", "kernel")
TURNED = ("in", "out", "kernel", "kernel")
CASES = [  # a parameter, and the axis of units in PyTorch, Keras and JAX
    (Param("gates", (64, 16), ("out", "in"), blocks=4), (0, 0, 0)),
    (Param("grouped", (8, 4, 3, 3), CONV, groups=2), (0, 0, 0)),
    (Param("transposed", (6, 8, 3, 3), TURNED, transposed=True), (0, 0, 1)),
    (Param("depthwise", (40, 1, 3, 3), CONV, groups=40), (0, 1, 0)),
    (Param("experts", (5, 6, 7), ("batch", "out", "in")), (0, 1, 1)),
    (Param("stored in, out", (12, 9), ("in", "out")), (1, 1, 1)),
]


def law(framework):
    return Law("stored_orthogonal", (("framework", float(framework)),))


@pytest.mark.parametrize("framework", [0, 1, 2])
@pytest.mark.parametrize(("param", "units"), CASES, ids=[param.path for param, _ in CASES])
def test_units(param, units, framework):
    x = draw(law(framework), param, Stream(0), dtype="float64")
    matrix = np.moveaxis(x, units[framework], 0).reshape(param.shape[units[framework]], -1)
    gram = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    assert np.allclose(gram, np.eye(len(gram)), atol=1e-12)
    assert moments(law(framework), param).second_moment == pytest.approx(np.mean(x**2))
    index = (slice(None, None, -2), *[slice(1, None)] * (len(param.shape) - 2), 0)
    assert np.array_equal(draw(law(framework), param, Stream(0), dtype="float64", index=index), x[index])


def test_a_plain_layer_is_the_law_orthogonal():
    for param in (Param("w", (30, 20), ("out", "in")), Param("w", (3, 3, 4, 16), (*CONV[2:], "in", "out"))):
        for framework in (0, 1, 2):
            assert np.array_equal(draw(law(framework), param, Stream(0)), draw(Law("orthogonal"), param, Stream(0)))


def test_storage_order_is_a_permutation():
    for framework in (0, 1, 2):
        x = draw(law(framework), Param("w", (5, 6, 7, 3), ("batch", "out", "in", "kernel")), Stream(0))
        y = draw(law(framework), Param("w", (3, 7, 6, 5), ("kernel", "in", "out", "batch")), Stream(0))
        assert np.array_equal(x, y.T)


@pytest.mark.parametrize(
    ("framework", "param", "message"),
    [
        (0, Param("b", (4,), ("out",)), "needs two axes"),
        (3, Param("w", (4, 4), ("out", "in")), "framework=3"),
        (1, Param("w", (8, 1, 3, 3), CONV, groups=4), "several multipliers"),
    ],
)
def test_what_has_no_such_matrix(framework, param, message):
    with pytest.raises(InputError, match=message):
        draw(law(framework), param, Stream(0))
