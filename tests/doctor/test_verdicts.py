"""False alarms and misses: networks known to learn pass, networks known not to are told why."""

from itertools import pairwise

import numpy as np
import pytest

from fanin.checkup import check
from fanin.schemes import sample
from fanin.study.datasets import load, scaled

DEEP = (784, *(128,) * 10, 10)


def _weights(init: str, widths: tuple[int, ...], seed: int = 0) -> list[np.ndarray]:
    return [sample(init, (o, i), seed=seed, path=f"{k}.weight") for k, (i, o) in enumerate(pairwise(widths))]


@pytest.fixture(scope="module")
def digits():
    data = load("mnist-mini")
    return scaled(data.x_train[:256], np.float64), data.y_train[:256]


def _causes(weights, biases, batch, **spec) -> list[str | None]:
    """Without data and with them."""
    return [check((weights, biases), given, **spec).cause for given in (None, batch)]


def _zeros(weights) -> list[np.ndarray]:
    return [np.zeros(len(w)) for w in weights]


GOOD = [
    ("he_normal", "relu", (784, *(128,) * 20, 10)),
    ("he_uniform", "relu", (784, 512, 10)),
    ("he_normal", "relu", (784, 256, 64, 16, 10)),
    ("he_normal", "leaky_relu(0.1)", (784, 64, 64, 10)),
    ("he_normal", "gelu", (784, 64, 64, 10)),
    ("glorot_normal", "tanh", DEEP),
    ("glorot_uniform", "tanh", (784, 100, 100, 10)),
    ("glorot_normal", "hardtanh", (784, 64, 64, 10)),
    ("glorot_normal", "softsign", DEEP),
    ("orthogonal", "tanh", DEEP),
    ("lecun_normal", "selu", DEEP),
    ("lecun_normal", "sigmoid", (784, 30, 10)),
    ("lecun_normal", "sigmoid", (784, 100, 100, 10)),
    ("glorot_uniform", "sigmoid", (784, 10, 10)),
    ("he_normal", "sigmoid", (784, 30, 10)),
    ("0.01*randn", "sigmoid", (784, 30, 10)),
]


@pytest.mark.parametrize(("init", "activation", "widths"), GOOD)
def test_good_networks_pass(digits, init: str, activation: str, widths: tuple[int, ...]) -> None:
    weights = _weights(init, widths)
    assert _causes(weights, _zeros(weights), digits, activation=activation) == [None, None]
    head = [*weights[:-1], 0 * weights[-1]]
    assert check((head, _zeros(head)), digits, activation=activation).cause is None


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize(
    ("init", "activation"), [("he_normal", "relu"), ("glorot_normal", "tanh"), ("lecun_normal", "selu")]
)
def test_deep_networks_pass_under_every_seed(digits, init: str, activation: str, seed: int) -> None:
    weights = _weights(init, (784, *(64,) * 10, 10), seed)
    assert check((weights, _zeros(weights)), digits, activation=activation).cause is None


@pytest.mark.parametrize("loss", [None, "quadratic", "bce"])
@pytest.mark.parametrize("init", ["randn/sqrt(n_in)", "he_normal", "xavier_uniform"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_nielsen_with_normal_biases_passes(digits, init: str, loss, seed: int) -> None:
    weights = _weights(init, (784, 30, 10), seed)
    biases = [sample("randn", (len(w),), seed=seed, path=f"{i}.bias") for i, w in enumerate(weights)]
    assert check((weights, biases), digits, loss=loss, seed=seed).cause is None


@pytest.mark.parametrize(("activation", "loss"), [("tanh", "mse"), ("linear", "cross_entropy"), ("sigmoid", None)])
def test_zeros_without_hidden_layer_pass(digits, activation: str, loss) -> None:
    assert check(([np.zeros((10, 784))], [np.ones(10)]), digits, activation=activation, loss=loss).cause is None


def test_layers_that_part_at_the_first_steps_pass(digits) -> None:
    random = _weights("glorot_normal", (784, 30, 30, 10))
    for first in (np.zeros((30, 784)), np.full((30, 784), 0.01)):
        weights = [first, *random[1:]]
        assert check(weights, digits, activation="tanh").cause is None


@pytest.mark.parametrize("bias", ["zeros", "randn"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_nielsen_with_rand_is_told_of_the_mean(digits, bias: str, seed: int) -> None:
    weights = _weights("rand", (784, 30, 10), seed)
    biases = [sample(bias, (len(w),), seed=seed, path=f"{i}.bias") for i, w in enumerate(weights)]
    assert _causes(weights, biases, digits) == ["FAN103", "FAN103"]


def test_nielsen_with_zeros_is_told_of_symmetry(digits) -> None:
    weights = _weights("zeros", (784, 30, 10))
    assert _causes(weights, _zeros(weights), digits) == ["FAN102", "FAN102"]


@pytest.mark.parametrize("bias", ["zeros", "randn"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_nielsen_with_randn_is_told_of_saturation_and_scale(digits, bias: str, seed: int) -> None:
    weights = _weights("randn", (784, 30, 10), seed)
    biases = [sample(bias, (len(w),), seed=seed, path=f"{i}.bias") for i, w in enumerate(weights)]
    report = check((weights, biases), digits)
    first = report.findings[0]
    assert (report.cause, first.layer) == ("FAN201", "1")
    assert "not divided by sqrt(fan_in)" in first.message
    assert first.fix is not None
    assert first.fix.snippet["numpy"] == "np.random.randn(30, 784) * np.sqrt(1 / 784)"


SICK = [
    ("0.01*randn", "tanh", (784, *(500,) * 10, 10), "FAN203"),
    ("glorot_normal", "relu", (784, *(128,) * 34, 10), "FAN203"),
    ("torch_default", "relu", (784, *(128,) * 20, 10), "FAN203"),
    ("randn", "tanh", (784, 200, 10), "FAN201"),
    ("randn", "tanh", (784, *(200,) * 6, 10), "FAN201"),
    ("randn", "relu", (784, 30, 10), "FAN104"),
    ("randn", "relu", (784, *(200,) * 6, 10), "FAN204"),
    ("constant(0.01)", "relu", (784, 64, 64, 10), "FAN102"),
    ("zeros", "relu", (784, 64, 64, 10), "FAN102"),
    ("ones", "tanh", (784, 30, 10), "FAN102"),
    ("rand", "relu", (784, 30, 10), "FAN103"),
    ("uniform(0, 0.05)", "tanh", (784, 30, 30, 10), "FAN103"),
    ("randn/sqrt(1/n_in)", "sigmoid", (784, 30, 10), "FAN201"),
    ("lecun_normal", "sigmoid", (784, *(100,) * 12, 10), "FAN203"),
]


@pytest.mark.parametrize(("init", "activation", "widths", "cause"), SICK)
def test_sick_networks_are_told_the_cause(digits, init: str, activation: str, widths, cause: str) -> None:
    weights = _weights(init, widths)
    assert _causes(weights, _zeros(weights), digits, activation=activation) == [cause, cause]


@pytest.mark.parametrize(
    ("factor", "help"), [(255.0, "divide them by 255"), (1 / 255, "twice"), (-40.0, "Standardise"), (1e-6, "Standard")]
)
def test_inputs_of_the_wrong_scale_are_blamed(digits, factor: float, help: str) -> None:
    x, y = digits
    for init, activation in (("he_normal", "relu"), ("lecun_normal", "sigmoid")):
        report = check(_weights(init, (784, 30, 10)), (factor * x, y), activation=activation)
        assert report.cause == "FAN501"
        assert help in report.findings[0].help
        assert report.findings[0].layer == "input"


def test_weights_that_make_up_for_the_inputs_pass(digits) -> None:
    weights = _weights("he_normal", (784, 30, 10))
    assert check([weights[0] / 255, weights[1]], digits[0] * 255, activation="relu").cause is None


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e9])
@pytest.mark.parametrize("where", ["weight", "bias"])
def test_one_spoilt_entry_is_named(digits, value: float, where: str) -> None:
    weights = _weights("he_normal", (784, 30, 30, 10))
    biases = _zeros(weights)
    if where == "weight":
        weights[1] = weights[1].copy()
        weights[1][3, 4] = value
    elif np.isfinite(value):
        pytest.skip("a large bias may be meant")
    else:
        biases[1][3] = value
    report = check((weights, biases), digits, activation="relu")
    assert report.cause == "FAN101"
    assert report.findings[0].parameter == f"1.{where}"


def test_the_known_mistakes_are_named() -> None:
    for init, words in {
        "randn": "not divided by sqrt(fan_in)",
        "randn/sqrt(1/n_in)": "multiplied by sqrt(fan_in)",
        "randn*2/n_in": "variance 2/fan_in",
        "randn*sqrt(sqrt(2/(n_in+n_out)))": "std was perhaps taken for the variance",
        "randn*sqrt(2/n_out)": "fan_out stands where fan_in",
    }.items():
        found = check(_weights(init, (784, 200, 10)), activation="relu", select="FAN104").case
        from fanin.doctor.rules.off_scale_weights import check as explain

        assert words in next(finding.message for finding in explain(found) if finding.layer == "1")


def test_units_off_from_the_start(digits) -> None:
    weights = _weights("he_normal", (784, 64, 64, 10))
    biases = [np.full(64, -3.0), np.zeros(64), np.zeros(10)]
    report = check((weights, biases), digits, activation="relu")
    assert report.cause == "FAN202"
    assert report.findings[0].parameter == "0.bias"
    assert report.findings[0].fix is not None
    assert report.findings[0].fix.scheme == "zeros"


def test_copied_rows_are_a_warning(digits) -> None:
    weights = _weights("he_normal", (784, 60, 10))
    weights[0][30:] = weights[0][:30]
    weights[1][:, 30:] = weights[1][:, :30]
    report = check(weights, digits, activation="relu")
    assert (report.cause, report.findings[0].severity) == ("FAN102", "warning")
    assert report.findings[0].measured["distinct_after"] == 0.5


def test_overflow_is_told() -> None:
    weights = [1e5 * w.astype(np.float64) for w in _weights("randn", (64, *(64,) * 60, 10))]
    report = check(weights, activation="relu")
    assert report.cause == "FAN204"
    assert "overflows" in report.findings[0].message
