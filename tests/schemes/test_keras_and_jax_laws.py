"""The compatibility spellings draw what Keras, JAX and DKS draw: two-sample Kolmogorov-Smirnov, and moments.

Each framework stores a layer its own way; the arrays are drawn in its shape, at a fixed seed, and brought into ours.
"""

import os
import re
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from fanin.schemes import sample
from fanin.values import Param

Agree = Callable[[np.ndarray, str, Param], None]
MATRIX, KERNEL = (120, 200), (3, 3, 16, 128)
"""Two shapes, of which the kernel is read in four ways: XLA compiles each sampler anew for each shape."""
CONV = ("kernel", "kernel", "in", "out")
TURNED = Param("w", KERNEL, ("kernel", "kernel", "out", "in"), transposed=True, stride=4)
LAYERS = {
    "dense": Param("w", MATRIX, ("in", "out")),
    "conv": Param("w", KERNEL, CONV),
    "grouped": Param("w", KERNEL, CONV, groups=4),
}
KERAS_LAYERS = LAYERS | {"transposed": TURNED, "depthwise": Param("w", (2048, 1, 3, 3), CONV[::-1], groups=16)}
JAX_LAYERS = LAYERS | {"transposed": Param("w", KERNEL, CONV, transposed=True, stride=4)}
KERAS: dict[str, Callable[[Any], Any]] = {
    "keras:variance_scaling": lambda k: k.VarianceScaling(seed=1),
    "keras:variance_scaling(3, 'fan_out', 'uniform')": lambda k: k.VarianceScaling(3.0, "fan_out", "uniform", seed=1),
    "keras:VarianceScaling(distribution='normal')": lambda k: k.VarianceScaling(distribution="normal", seed=1),
    "keras:VarianceScaling(2, 'fan_avg', 'untruncated_normal')": lambda k: k.VarianceScaling(
        2.0, "fan_avg", "untruncated_normal", seed=1
    ),
    "keras:he_normal": lambda k: k.HeNormal(seed=1),
    "keras:he_uniform": lambda k: k.HeUniform(seed=1),
    "keras:lecun_normal": lambda k: k.LecunNormal(seed=1),
    "keras:lecun_uniform": lambda k: k.LecunUniform(seed=1),
    "keras:glorot_normal": lambda k: k.GlorotNormal(seed=1),
    "keras:glorot_uniform": lambda k: k.GlorotUniform(seed=1),
    "keras:random_normal": lambda k: k.RandomNormal(seed=1),
    "keras:random_uniform": lambda k: k.RandomUniform(seed=1),
    "keras:truncated_normal": lambda k: k.TruncatedNormal(seed=1),
    "keras:truncated_normal(0.1, 0.02)": lambda k: k.TruncatedNormal(0.1, 0.02, seed=1),
    "keras:constant": lambda k: k.Constant(),
    "keras:constant(0.3)": lambda k: k.Constant(0.3),
    "keras:zeros": lambda k: k.Zeros(),
    "keras:ones": lambda k: k.Ones(),
    "keras:orthogonal": lambda k: k.Orthogonal(seed=1),
    "keras:orthogonal(gain=2)": lambda k: k.Orthogonal(2.0, seed=1),
}
JAX: dict[str, Callable[[Any], Any]] = {
    "jax:variance_scaling(3, 'fan_out', 'uniform')": lambda j: j.variance_scaling(3.0, "fan_out", "uniform"),
    "jax:variance_scaling(2, 'fan_geo_avg', 'normal')": lambda j: j.variance_scaling(2.0, "fan_geo_avg", "normal"),
    "jax:he_normal": lambda j: j.he_normal(),
    "jax:he_uniform": lambda j: j.he_uniform(),
    "jax:lecun_normal": lambda j: j.lecun_normal(),
    "jax:lecun_uniform": lambda j: j.lecun_uniform(),
    "jax:glorot_normal": lambda j: j.glorot_normal(),
    "jax:glorot_uniform": lambda j: j.glorot_uniform(),
    "jax:uniform": lambda j: j.uniform(),
    "jax:normal": lambda j: j.normal(),
    "jax:truncated_normal": lambda j: j.truncated_normal(),
    "jax:truncated_normal(0.5, lower=-1, upper=3)": lambda j: j.truncated_normal(0.5, lower=-1.0, upper=3.0),
    "jax:constant(0.3)": lambda j: j.constant(0.3),
    "jax:zeros": lambda j: j.zeros,
    "jax:ones": lambda j: j.ones,
    "jax:orthogonal": lambda j: j.orthogonal(),
    "jax:orthogonal(scale=2)": lambda j: j.orthogonal(2.0),
}


FAN_FREE = re.compile(r":(random_|normal|uniform|truncated|constant|zeros|ones)")


def cases(expressions: Iterable[str], layers: Iterable[str]) -> list[tuple[str, str]]:
    """Each expression on each layer; on one alone if it sees no fans."""
    return [(text, kind) for text in expressions for kind in (["dense"] if FAN_FREE.search(text) else layers)]


@pytest.fixture(scope="module")
def keras() -> ModuleType:
    os.environ.setdefault("KERAS_BACKEND", "jax")
    found: ModuleType = pytest.importorskip("keras", reason="Keras is not installed")
    return found


@pytest.fixture(scope="module")
def jax() -> ModuleType:
    found: ModuleType = pytest.importorskip("jax", reason="JAX is not installed")
    return found


@pytest.mark.parametrize(("expression", "kind"), cases(KERAS, KERAS_LAYERS))
def test_keras(expression: str, kind: str, keras: ModuleType, agree: Agree) -> None:
    if kind == "depthwise" and "orthogonal" in expression:
        pytest.skip("one matrix across channels, of which no layer is made")
    theirs = np.asarray(KERAS[expression](keras.initializers)(MATRIX if kind == "dense" else KERNEL))
    if kind == "depthwise":  # stored (*kernel, channels, multiplier)
        theirs = theirs.transpose(2, 3, 0, 1).reshape(2048, 1, 3, 3)
    agree(theirs, expression, KERAS_LAYERS[kind])


@pytest.mark.parametrize(("expression", "kind"), cases(JAX, JAX_LAYERS))
def test_jax(expression: str, kind: str, jax: ModuleType, agree: Agree) -> None:
    """A transposed kernel of Flax is stored (*kernel, in, out) like any other."""
    param = JAX_LAYERS[kind]
    agree(np.asarray(JAX[expression](jax.nn.initializers)(jax.random.key(1), param.shape)), expression, param)


def test_embedding_of_flax(jax: ModuleType, agree: Agree) -> None:
    flax_default = jax.nn.initializers.variance_scaling(1.0, "fan_in", "normal", out_axis=0)
    theirs = flax_default(jax.random.key(1), (700, 64), "float32")
    agree(np.asarray(theirs), "jax:embedding", Param("w", (700, 64), ("lookup", "out")))


def test_a_vector_has_fans_in_keras_alone(keras: ModuleType, jax: ModuleType, agree: Agree) -> None:
    theirs = np.asarray(keras.initializers.GlorotUniform(seed=1)((20_000,)))
    agree(theirs, "keras:glorot_uniform", Param("b", (20_000,), ("out",), role="bias"))
    with pytest.raises(ValueError, match="in_axis"):
        jax.nn.initializers.glorot_uniform()(jax.random.key(1), (20_000,))


def test_identity_of_keras(keras: ModuleType) -> None:
    theirs = np.asarray(keras.initializers.Identity(gain=2.0)((7, 4)))
    assert np.array_equal(sample("keras:identity(gain=2)", Param("w", (7, 4), ("in", "out"))), theirs)


@pytest.mark.parametrize("kind", ["dense", "grouped", "transposed"])
@pytest.mark.parametrize("framework", ["keras", "jax"])
def test_orthogonal_is_one_matrix_of_all_that_is_stored(
    framework: str, kind: str, keras: ModuleType, jax: ModuleType
) -> None:
    if framework == "keras":
        param = KERAS_LAYERS[kind]
        theirs = np.asarray(keras.initializers.Orthogonal(seed=1)(param.shape))
    else:
        param = JAX_LAYERS[kind]
        theirs = np.asarray(jax.nn.initializers.orthogonal()(jax.random.key(1), param.shape))
    for array in (theirs, sample(f"{framework}:orthogonal", param)):
        matrix = array.reshape(-1, array.shape[-1])
        gram = matrix.T @ matrix if matrix.shape[0] >= matrix.shape[1] else matrix @ matrix.T
        assert np.allclose(gram, np.eye(len(gram)), atol=1e-5)


@pytest.mark.parametrize("kernel", [(3,), (4, 2)])
def test_delta_orthogonal_of_jax(kernel: tuple[int, ...], jax: ModuleType) -> None:
    """Zero at the same taps; the centre has orthogonal columns, with the entries of one law."""
    shape = (*kernel, 20, 30)
    theirs = np.asarray(jax.nn.initializers.delta_orthogonal(2.0)(jax.random.key(1), shape))
    axes = (*["kernel"] * len(kernel), "in", "out")
    ours = sample("jax:delta_orthogonal(2)", Param("w", shape, axes))
    assert np.array_equal(ours != 0, theirs != 0)
    for array in (theirs, ours):
        centre = array[array != 0].reshape(20, 30)
        assert np.allclose(centre @ centre.T, 4 * np.eye(20), atol=1e-5)


@pytest.mark.filterwarnings("ignore:Using a non-tuple sequence")  # in dks itself
@pytest.mark.parametrize("shape", [(64, 192), (192, 64), (64, 32, 3, 3), (32, 64, 5, 5)])
def test_suo_of_dks(shape: tuple[int, ...], agree: Agree) -> None:
    """In and out exchanged; a kernel at its centre alone."""
    torch = pytest.importorskip("torch")
    sampler = pytest.importorskip("dks.pytorch.parameter_sampling_functions", reason="dks is not installed")
    torch.manual_seed(1)
    w = torch.empty(shape)
    sampler.scaled_uniform_orthogonal_(w)
    param = Param("w", shape, ("out", "in", *["kernel"] * (len(shape) - 2)))
    ours, theirs = sample("dks:suo", param), w.numpy()
    assert np.array_equal(ours != 0, theirs != 0)
    agree(theirs, "dks:suo", param)
    for array in (ours, theirs):
        matrix = array[array != 0].reshape(shape[:2]).astype(np.float64)
        gram = matrix @ matrix.T if shape[0] <= shape[1] else matrix.T @ matrix
        assert np.allclose(gram, max(shape[1] / shape[0], 1) * np.eye(len(gram)), atol=2e-5)
