"""orthogonal, identity, sparse: what a layer's matrices are, and what stands in them."""

import numpy as np
import pytest
from scipy import stats

from fanin.sampling import Stream, draw, moments
from fanin.sampling._dtypes import storage
from fanin.values import Law, Param

CONV = ("out", "in", "kernel", "kernel")
ORTHOGONAL, IDENTITY = Law("orthogonal"), Law("identity")


def sparse(incoming):
    return Law("sparse", (("incoming", float(incoming)),))


GROUPED_TRANSPOSED = Param(
    "grouped transposed", (16, 4, 3, 3), ("in", "out", "kernel", "kernel"), groups=4, transposed=True
)
PARAMS = [  # a parameter, and its draws as a stack of (rows, columns) matrices
    (Param("square", (40, 40), ("out", "in")), lambda x: x[None]),
    (Param("wide", (20, 50), ("out", "in")), lambda x: x[None]),
    (Param("tall", (50, 20), ("out", "in")), lambda x: x[None]),
    (Param("stored in, out", (50, 20), ("in", "out")), lambda x: x.T[None]),
    (Param("conv", (16, 4, 3, 3), CONV), lambda x: x.reshape(1, 16, 36)),
    (
        Param("Keras conv", (3, 3, 4, 16), CONV[2:] + CONV[1::-1]),
        lambda x: np.transpose(x, (3, 2, 0, 1)).reshape(1, 16, 36),
    ),
    (Param("grouped", (16, 4, 3, 3), CONV, groups=4), lambda x: x.reshape(4, 4, 36)),
    (GROUPED_TRANSPOSED, lambda x: x.reshape(4, 4, 4, 9).transpose(0, 2, 1, 3).reshape(4, 4, 36)),
    (Param("QKV", (60, 20), ("out", "in"), blocks=3), lambda x: x.reshape(3, 20, 20)),
    (Param("experts", (5, 20, 30), ("batch", "out", "in")), lambda x: x),
    (Param("table", (70, 20), ("lookup", "out")), lambda x: x.T[None]),
    (Param("vector", (30,), ("out",)), lambda x: x[None, :, None]),
]
params = pytest.mark.parametrize(("param", "matrices"), PARAMS, ids=[param.path for param, _ in PARAMS])


@params
def test_orthogonal(param, matrices):
    x = draw(ORTHOGONAL, param, Stream(0), dtype="float64")
    for q in matrices(x):
        gram = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
        assert np.allclose(gram, np.eye(len(gram)), atol=1e-13)
    assert moments(ORTHOGONAL, param).second_moment == pytest.approx(np.mean(x**2))
    assert np.allclose(draw(ORTHOGONAL, param, Stream(0)), x, rtol=0, atol=5e-7)


def test_orthogonal_copies_differ():
    x = draw(ORTHOGONAL, Param("experts", (5, 20, 30), ("batch", "out", "in")), Stream(0))
    assert len({matrix.tobytes() for matrix in x}) == 5


@pytest.mark.parametrize(("shape", "dtype", "error"), [((300, 200), "float32", 1e-6), ((70, 500), "float64", 1e-14)])
def test_orthogonal_to_the_precision_of_its_type(shape, dtype, error):
    q = draw(ORTHOGONAL, Param("w", shape, ("out", "in")), Stream(1), dtype=dtype).astype("float64")
    gram = q.T @ q if shape[0] > shape[1] else q @ q.T
    assert np.abs(gram - np.eye(len(gram))).max() < error


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_orthogonal_of_16_bits_is_rounded_once(dtype):
    param = Param("w", (30, 70), ("out", "in"))
    single = draw(ORTHOGONAL, param, Stream(1), loc=0.1, scale=3.0)
    assert np.array_equal(
        draw(ORTHOGONAL, param, Stream(1), loc=0.1, scale=3.0, dtype=dtype), single.astype(storage(dtype))
    )


@pytest.mark.parametrize("shape", [(5, 5), (30, 12), (12, 30), (150, 100)])
def test_orthogonal_is_the_product_of_reflectors(shape):
    """The textbook's way: one reflector at a time, from the last to the first."""
    short, long = sorted(shape)
    normal = draw(Law("normal"), Param("w", (short, long), ("out", "in")), Stream(4), dtype="float64")
    q = np.eye(short, long)
    for k in reversed(range(short)):
        v = np.where(np.arange(long) < k, 0, normal[k])
        sign = np.copysign(1, v[k])
        q[k] *= -sign
        v[k] += sign * np.linalg.norm(v)
        q -= np.outer(q @ v, 2 * v / (v @ v))
    drawn = draw(ORTHOGONAL, Param("w", shape, ("out", "in")), Stream(4), dtype="float64")
    assert np.allclose(drawn if shape[0] <= shape[1] else drawn.T, q, rtol=0, atol=1e-14)


@pytest.mark.parametrize("shape", [(2, 2), (4, 4), (3, 7), (7, 3), (1, 5)])
def test_orthogonal_is_haar(shape):
    """Each entry x of a uniform matrix is a coordinate of a uniform point on a sphere: (1 + x)/2 has a beta law."""
    q = draw(ORTHOGONAL, Param("w", (4000, *shape), ("batch", "out", "in")), Stream(0), dtype="float64")
    half = (max(shape) - 1) / 2
    for row, column in np.ndindex(shape):
        assert stats.kstest((1 + q[:, row, column]) / 2, stats.beta(half, half).cdf).pvalue > 1e-4


@pytest.mark.parametrize("side", [1, 2, 3, 8, 65])
def test_rotations_and_reflections_are_equally_frequent(side):
    count = 20 * 65 // side
    q = draw(ORTHOGONAL, Param("w", (count, side, side), ("batch", "out", "in")), Stream(0), dtype="float64")
    assert abs(np.sum(np.linalg.det(q))) < 4 * np.sqrt(count)


def test_eigenvalues_of_orthogonal_matrices():
    """Tr Q^j has mean 1 for even j and 0 for odd, and variance j: they repel, as those of a QR without signs do not."""
    count, side = 4000, 8
    q = draw(ORTHOGONAL, Param("w", (count, side, side), ("batch", "out", "in")), Stream(0), dtype="float64")
    angles = np.angle(np.linalg.eigvals(q))
    for j in (1, 2, 3, 4):
        trace = np.sum(np.cos(j * angles), axis=1)
        assert abs(np.mean(trace) - (j % 2 == 0)) < 4 * np.sqrt(j / count)
        assert abs(np.var(trace) / j - 1) < 4 * np.sqrt(2 / count)


def test_multiplied_by_a_fixed_rotation_it_is_haar_still():
    """Invariance is what Haar means: <Q, A> of any orthogonal A is distributed as the trace is."""
    count = 4000
    q = draw(ORTHOGONAL, Param("w", (count, 6, 6), ("batch", "out", "in")), Stream(0), dtype="float64")
    fixed = stats.ortho_group.rvs(6, size=3, random_state=0)
    traces = [np.trace(q[:2000], axis1=1, axis2=2), *(np.sum(q[2000:] * a, axis=(1, 2)) for a in fixed)]
    for other in traces[1:]:
        assert stats.ks_2samp(traces[0], other).pvalue > 1e-3


@params
def test_identity(param, matrices):
    x = draw(IDENTITY, param, Stream(0), loc=0.5, scale=2.0)
    kernel = param.size("kernel")
    for matrix in matrices(x):
        expected = np.zeros((matrix.shape[0], matrix.shape[1] // kernel, kernel))
        diagonal = np.arange(min(expected.shape[:2]))
        expected[diagonal, diagonal, kernel // 2] = 1
        assert np.array_equal(matrix, 0.5 + 2 * expected.reshape(matrix.shape))
    assert moments(IDENTITY, param).mean == pytest.approx((x.mean() - 0.5) / 2)


def test_identity_passes_an_image_on():
    """The centre tap of an even kernel is k//2, as in PyTorch's dirac_."""
    kernel = draw(IDENTITY, Param("w", (2, 3, 4, 3), CONV), Stream(0))
    assert [tuple(map(int, place)) for place in np.argwhere(kernel)] == [(0, 0, 2, 1), (1, 1, 2, 1)]


@params
@pytest.mark.parametrize("incoming", [1, 7, 1000])
def test_sparse(param, matrices, incoming):
    x = draw(sparse(incoming), param, Stream(0), loc=3.0)
    columns = matrices(x).shape[2]
    assert np.all(np.sum(matrices(x) != 3, axis=2) == min(incoming, columns))
    normal = draw(Law("normal"), param, Stream(0), loc=3.0)
    assert np.array_equal(x[x != 3], normal[x != 3])
    assert moments(sparse(incoming), param).second_moment == min(1, incoming / columns)


def test_sparse_choices_are_fair():
    units, inputs, incoming = 20_000, 20, 5
    param = Param("w", (units, inputs), ("out", "in"))
    chosen = draw(sparse(incoming), param, Stream(0), dtype="float64") != 0
    share = incoming / inputs
    assert np.all(np.abs(chosen.mean(axis=0) - share) < 4.5 * np.sqrt(share * (1 - share) / units))
    together = chosen.T.astype(float) @ chosen / units
    pairs = together[~np.eye(inputs, dtype=bool)]
    both = share * (incoming - 1) / (inputs - 1)
    assert np.all(np.abs(pairs - both) < 4.5 * np.sqrt(both * (1 - both) / units))


@pytest.mark.parametrize("name", ["orthogonal", "sparse"])
def test_one_matrix_of_many_costs_no_more(name):
    """A slice of a stack of 2^20 experts touches its own matrix alone."""
    huge = Param("w", (2**20, 64, 64), ("batch", "out", "in"))
    part = draw(Law(name), huge, Stream(0), index=(2**20 - 1, slice(3, 5)))
    assert part.shape == (2, 64)
