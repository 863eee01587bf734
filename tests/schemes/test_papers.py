"""Each paper's formula, worked out by hand for one layer; and what bad arguments get."""

import math

import numpy as np
import pytest

from fanin.errors import FaninError
from fanin.schemes import moments, parse, read, sample
from fanin.values import Param
from fanin.values.param import bias, dense

LAYER = dense("w", (48, 12))
TABLE = Param("table", (1000, 64), ("lookup", "out"), role="embedding")


@pytest.mark.parametrize(
    ("text", "std", "high"),
    [
        ("variance_scaling(3, 'fan_in', 'uniform')", 0.5, math.sqrt(0.75)),
        ("variance_scaling(3, 'fan_out', 'normal')", 0.25, math.inf),
        ("variance_scaling(1.2, 'fan_avg', 'normal')", 0.2, math.inf),
        ("variance_scaling(0.96, 'fan_geo', 'truncated_normal')", 0.2, 0.4 / 0.8796256610342398),
        ("jax:variance_scaling(0.96, 'fan_geo_avg', 'normal')", 0.2, math.inf),
        ("keras:variance_scaling(scale=3.0, mode='fan_out')", 0.25, 0.5 / 0.8796256610342398),
        ("siren_first", 1 / (12 * math.sqrt(3)), 1 / 12),
        ("siren_hidden", math.sqrt(2 / 12) / 30, math.sqrt(0.5) / 30),
        ("siren_hidden(omega=1)", math.sqrt(1 / 6), math.sqrt(0.5)),
        ("small_init", math.sqrt(2 / 60), math.inf),
        ("wang(layers=4)", 2 / (4 * math.sqrt(48)), math.inf),
        ("gpt2_residual(layers=8)", 0.005, math.inf),
        ("spectral", 1 / math.sqrt(12), math.inf),
        ("nielsen_network3", 1 / math.sqrt(48), math.inf),
        ("nielsen_network3(pool=4)", 1 / math.sqrt(12), math.inf),
        ("icnr", math.sqrt(1 / 6), math.inf),
        ("lora_a", 1 / 6, 1 / math.sqrt(12)),
        ("lora_a_gaussian", 1 / 48, math.inf),
        ("lora_b", 0.0, 0.0),
        ("embedding_normal", 1.0, math.inf),
        ("torch:embedding", 1.0, math.inf),
        ("irnn", math.sqrt(1 / 48 - 1 / 48**2), 1.0),
        ("scaled_orthogonal", 1 / math.sqrt(12), 2.0),
    ],
)
def test_numbers(text: str, std: float, high: float) -> None:
    law = moments(parse(text), LAYER)
    assert law.std == pytest.approx(std, rel=1e-12)
    assert law.high == pytest.approx(high, rel=1e-12)


def test_spectral_of_a_narrowing_layer() -> None:
    assert moments(parse("spectral"), dense("w", (3, 48))).std == pytest.approx(math.sqrt(3) / 48)


def test_spectral_norm_is_near_the_root_of_out_over_in() -> None:
    for shape in ((300, 300), (300, 30), (30, 300)):
        norm = np.linalg.norm(sample("spectral", shape), 2)
        assert 0.9 < norm / math.sqrt(shape[0] / shape[1]) < 2.1


def test_embedding_rows_have_length_one() -> None:
    rows = sample("embedding_scaled", TABLE)
    assert np.mean(np.sum(rows**2, axis=1)) == pytest.approx(1, abs=5 * math.sqrt(2 / rows.size))
    assert moments(parse("keras:uniform"), TABLE).high == 0.05


def test_pre_activations_of_a_siren_settle_where_theory_says() -> None:
    """q = 1 - exp(-2q) has the solution 0.7968: a std of 0.893, where the paper's approximation has 1."""
    x = np.random.default_rng(0).uniform(-1, 1, (500, 2))
    a = np.sin(30 * x @ sample("siren_first", (256, 2), dtype="float64").T)
    for layer in range(10):
        z = 30 * a @ sample("siren_hidden", (256, 256), path=f"{layer}", dtype="float64").T
        a = np.sin(z)
    assert z.std() == pytest.approx(math.sqrt(0.7968), abs=0.03)
    assert a.std() == pytest.approx(math.sqrt(0.7968 / 2), abs=0.02)


def test_mamba_steps() -> None:
    steps = np.log1p(np.exp(sample("mamba_dt", Param("b", (5000,), ("out",)), dtype="float64")))
    assert 0.001 <= steps.min() <= steps.max() <= 0.1
    assert np.log10(steps).mean() == pytest.approx(-2, abs=5 * 2 / math.sqrt(12 * 5000))
    states = sample("mamba_a", (6, 16), dtype="float64")
    assert np.allclose(-np.exp(states), -np.arange(1, 17))


def test_chrono_remembers_up_to_the_longest() -> None:
    owner = Param("w", (400, 100), ("out", "in"), blocks=4)
    gates = sample("chrono(longest=100)", bias("b", 400, owner, blocks=4), dtype="float64").reshape(4, 100)
    assert np.exp(gates[1]).max() <= 99
    assert np.array_equal(gates[0], -gates[1])


def test_zero_needs_no_seed() -> None:
    x = sample("zero_hadamard", (12, 5), dtype="float64")
    assert np.array_equal(x, sample("zero_hadamard", (12, 5), seed=7, path="other", dtype="float64"))
    assert np.linalg.matrix_rank(x) == 5
    assert np.array_equal(sample("zero_hadamard", (5, 12)), np.eye(5, 12))


def test_a_scheme_of_the_catalogue_may_be_scaled() -> None:
    for text in ("scaled_orthogonal", "spectral", "torch:xavier_normal_", "dks:suo", "keras:he_normal"):
        half = moments(parse(f"{text}*0.5"), LAYER)
        assert half.std == pytest.approx(moments(parse(text), LAYER).std / 2)


@pytest.mark.parametrize("text", ["wang", "embedding_scaled", "lora_a_gaussian", "wang*2", "torch:kaiming_normal_"])
def test_a_name_says_nothing_of_the_layout(text: str) -> None:
    assert read(text).layout is None


def test_fans_in_a_frameworks_initializer() -> None:
    for text in (
        "jax.nn.initializers.normal(1/np.sqrt(n_in))",
        "keras.initializers.RandomNormal(0, 1/np.sqrt(n_in))",
        "keras.initializers.RandomUniform(-np.sqrt(3/n_in), np.sqrt(3/n_in))",
        "jax.nn.initializers.truncated_normal(1/np.sqrt(n_in)/0.8796256610342398)",
    ):
        assert moments(parse(text), LAYER).std == pytest.approx(1 / math.sqrt(12))
    law = moments(parse("jax.nn.initializers.uniform(scale=2/n_in)"), LAYER)
    assert (law.low, law.high) == (0, pytest.approx(1 / 6))
    with pytest.raises(FaninError, match="expected a number"):
        parse("jax.nn.initializers.truncated_normal(1/n_in, lower=-n_in)")


@pytest.mark.parametrize(
    "text",
    [
        "variance_scaling(mode='fan')",
        "variance_scaling(distribution='cauchy')",
        "variance_scaling(-1)",
        "torch:kaiming_normal_(nonlinearity='gelu')",
        "torch:kaiming_normal_(mode='fan_avg')",
        "torch:sparse_(1.5)",
        "torch:sparse_",
        "icnr(1.5)",
        "chrono(2)",
        "mamba_dt(0.1, 0.001)",
        "siren_hidden(0)",
        "wang(0)",
        "nielsen_network3(0)",
        "mimetic_query(heads=1.5)",
        "gpt2_residual(0.5)",
        "jax:uniform(-1)",
        "keras:random_normal(stddev=-1)",
    ],
)
def test_bad_arguments_are_one_line(text: str) -> None:
    with pytest.raises(FaninError) as caught:
        parse(text)
    assert "\n" not in str(caught.value)
