"""What explain says: its numbers against Monte Carlo of the layer they speak of, its words against the catalogue."""

import json
import math
import re
import string

import numpy as np
import pytest

from fanin import explain
from fanin.errors import FaninError, InputError
from fanin.explanation import ENGLISH, Explanation, explained
from fanin.schemes import catalogue, parse, sample
from fanin.values import activation
from fanin.values.param import dense

N_OUT, N_IN, EXAMPLES = 400, 500, 400


def _layer(expression: str, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, pre-activations and outputs for inputs phi(N(0, 1)), scaled to rms 1, as explain assumes."""
    phi = activation(name)
    x = np.random.default_rng(0).standard_normal((EXAMPLES, N_IN))
    x = x if name == "linear" else phi.function(x)
    x /= np.sqrt(np.mean(x**2))
    w = sample(expression, dense("w", (N_OUT, N_IN)), dtype="float64")
    return w, x @ w.T, phi.function(x @ w.T)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "linear", "leaky_relu(0.2)", "softplus"])
@pytest.mark.parametrize(
    "expression", ["randn/sqrt(n_in)", "he_normal", "0.01*randn", "0.3*randn", "rand*0.01", "glorot_uniform"]
)
def test_numbers_agree_with_a_drawn_layer(expression: str, name: str) -> None:
    said = explain(expression, (N_OUT, N_IN), name)
    w, z, a = _layer(expression, name)
    phi = activation(name)
    # units share inputs and examples share weights: about 1/sqrt(400) relative, of which four
    near = 4 / math.sqrt(N_OUT)
    assert said.preactivation["mean"] == pytest.approx(z.mean(), abs=near * z.std())
    assert said.preactivation["std"] == pytest.approx(z.std(), rel=near)
    assert said.saturated == pytest.approx(phi.saturated(a).mean(), abs=near)
    assert said.forward_factor == pytest.approx(np.sqrt(np.mean(a**2)), rel=near)
    backward = np.sqrt(N_IN * np.mean(w**2) * np.mean(phi.derivative(z) ** 2))
    assert said.backward_factor == pytest.approx(backward, rel=near)


def test_known_figures() -> None:
    he = explain("he_normal", (256, 256), "relu")
    assert he.forward_factor == pytest.approx(1, abs=1e-9)
    assert he.backward_factor == pytest.approx(1, abs=1e-9)
    assert he.ratio == pytest.approx(1)
    glorot = explain("glorot_normal", (256, 256), "relu")
    assert glorot.backward_factor == pytest.approx(math.sqrt(0.5), abs=1e-9)
    assert explain("torch_default", (99, 99), "relu").backward_factor == pytest.approx(math.sqrt(1 / 6), abs=1e-9)
    rand = explain("rand")
    assert (rand.mean, rand.std) == pytest.approx((0.5, 0.2886751345948129))
    assert rand.recommended == {"scheme": "lecun_normal", "std": pytest.approx(1 / 28)}
    assert rand.ratio == pytest.approx(0.2886751345948129 * 28)
    assert rand.saturated > 0.999
    assert explain("randn").preactivation["std"] == pytest.approx(28)


@pytest.mark.parametrize(
    ("expression", "name", "says"),
    [
        ("rand", "sigmoid", "Every weight is positive"),
        ("rand", "sigmoid", "not the shape of the distribution"),
        ("-rand", "tanh", "Every weight is negative"),
        ("randn", "sigmoid", "is flat"),
        ("zeros", "relu", "Every unit computes the same".lower()),
        ("0.01*randn", "tanh", "fine for one layer"),
        ("randn / sqrt(1/n)", "sigmoid", "multiplies by sqrt(n)"),
        ("randn * 2/(n_in+n_out)", "tanh", "variance where a std belongs"),
        ("torch:trunc_normal_(std=0.02)", "relu", "nothing is cut off"),
        ("he_normal", "gelu", "No scalar gain is stable"),
        ("lecun_normal", "sigmoid", "gradient"),
        ("constant(-3)", "relu", "All weights are -3"),
        ("np.random.uniform(-0.2, 0.2, (768, 10))", "sigmoid", "times smaller than the 0.316"),
        ("np.random.uniform(-0.06, 0.06, (768, 10))", "tanh", "say --layout io"),
        ("np.zeros(10)", "tanh", "no dense layer's"),
    ],
)
def test_reasons(expression: str, name: str, says: str) -> None:
    assert any(says.lower() in reason.lower() for reason in explain(expression, activation=name).reasons)


@pytest.mark.parametrize(
    "name",
    ["sigmoid", "tanh", "relu", "leaky_relu(0.2)", "selu", "elu", "linear", "softsign", "hardtanh", "erf", "sin"],
)
def test_what_it_recommends_is_good_in_its_own_eyes(name: str) -> None:
    for shape in ((300, 200), (30, 784), (10, 10_000), (500, 500)):
        said = explain("rand", shape, name)
        again = explain(said.recommended["scheme"], shape, name)
        assert again.verdict == "good", (shape, again.reasons)
        assert again.ratio == pytest.approx(1)


def test_what_grows_a_signal_is_not_good() -> None:
    for name in ("linear", "selu"):
        assert explain("he_normal", (30, 784), name).verdict == "weak"


@pytest.mark.parametrize("item", catalogue(), ids=lambda item: item.name)
def test_every_scheme_can_be_explained_for_every_kind_of_activation(item: object) -> None:
    required = [key for key, value in item.defaults.items() if value is None]  # type: ignore[attr-defined]
    scheme = item(**{key: 0.25 * (i + 1) for i, key in enumerate(required)})  # type: ignore[operator]
    if scheme.law.name in {"one_block", "chrono", "repeated_normal"} or scheme.name == "mimetic_qkv":
        pytest.skip("a rule for fused gates or sub-pixel convolutions, not for a dense layer")
    for name in ("sigmoid", "relu", "gelu"):
        said = explain(scheme.name, activation=name)
        assert Explanation.from_json(said.to_json()) == said
        assert said.reasons


def test_shape_from_option_text_or_default() -> None:
    assert explain("rand").shape == (30, 784)
    assert explain("np.random.rand(10, 20)").shape == (10, 20)
    assert explain("np.random.rand(10, 20)", layout="io").shape == (20, 10)
    assert explain("np.random.rand(10, 20)", (5, 6)).shape == (5, 6)
    assert explain("0.1*np.random.randn(n_in, n_out)", (5, 6)).spellings["numpy"].startswith("np.random.randn(6, 5)")
    assert parse("rand").name == "rand"


def test_any_callable_is_an_activation() -> None:
    assert explain("lecun_normal", activation=np.arctan).verdict in {"good", "weak"}


@pytest.mark.parametrize("shape", [(0, 3), (3,), (2, 3, 4)])
def test_impossible_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="OUTxIN"):
        explain("rand", shape)  # type: ignore[arg-type]


def test_weights_beyond_numbers() -> None:
    with pytest.raises(FaninError):
        explain("randn * 1e200 * 1e200")
    with pytest.raises(FaninError):
        explain("randn * 1e300")


LINES = [
    ("nn.Linear(784, 30)", "torch_default", (30, 784), "oi", "sigmoid"),
    ("nn.Linear(28*28, 30); nn.init.normal_(l.weight)", "normal", (30, 784), "oi", "sigmoid"),
    (
        "l = nn.Linear(784, 30)\nnn.init.xavier_uniform_(l.weight)\nnn.init.zeros_(l.bias)",
        "torch:xavier_uniform_",
        (30, 784),
        "oi",
        "sigmoid",
    ),
    (
        "self.fc = nn.Linear(in_features=20, out_features=10)  # one\nself.fc.weight.data.normal_(0, 0.02)\nF.relu(x)",
        "normal(std=0.02)",
        (10, 20),
        "oi",
        "relu",
    ),
    ("nn.Sequential(nn.Linear(20, 10), nn.LeakyReLU(0.2))", "torch_default", (10, 20), "oi", "leaky_relu(0.2)"),
    ("with torch.no_grad():\n    l.weight.copy_(torch.rand(10, 20))", "rand", (10, 20), "oi", "sigmoid"),
    ("l.weight = nn.Parameter(torch.rand(10, 20))", "rand", (10, 20), "oi", "sigmoid"),
    ("l.weight.data.fill_(0.5)", "constant(0.5)", (30, 784), "oi", "sigmoid"),
    ("def f(m):\n    if isinstance(m, nn.Linear):\n        zeros_(m.weight)", "zeros", (30, 784), "oi", "sigmoid"),
    ("Dense(30, kernel_initializer='he_normal', input_shape=(20,))", "keras:he_normal", (30, 20), "io", "sigmoid"),
    (
        "layers.Dense(30, activation='relu', kernel_initializer=initializers.RandomNormal(stddev=0.01), input_dim=20)",
        "keras:random_normal(stddev=0.01)",
        (30, 20),
        "io",
        "relu",
    ),
    (
        "i = HeUniform(seed=1); Dense(8, kernel_initializer=i, activation='softmax', input_shape=(4, 5))",
        "keras:he_uniform",
        (8, 5),
        "io",
        "linear",
    ),
    ("tf.keras.layers.Dense(10)", "keras_default", (10, 784), "io", "sigmoid"),
    ("nn.Dense(30, kernel_init=nn.initializers.he_normal())", "jax:he_normal", (30, 784), "io", "sigmoid"),
    ("W = tf.Variable(tf.random.normal([784, 10], stddev=0.1))", "normal(std=0.1)", (10, 784), "io", "sigmoid"),
    ("import numpy\nnp.random.seed(0)\nb1 = np.zeros(9)\nW1 = np.random.rand(9, 8)", "rand", (9, 8), "oi", "sigmoid"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "scheme", "shape", "layout", "name"), LINES, ids=[line[0] for line in LINES])
def test_a_line_of_a_network_is_read_with_its_layer(
    line: str, scheme: str, shape: tuple[int, int], layout: str, name: str
) -> None:
    found = explain(line)
    assert (found.scheme, found.shape, found.layout, found.activation) == (scheme, shape, layout, name)
    assert found.expression == line


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nn.Sequential(nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, 10))", "2 layers are here"),
        ("nn.Conv2d(3, 64, 7)", "Conv2d is not a dense layer"),
        ("nn.Linear(3, 4); l.weight.data.mul_(0.1)", "mul_ is no initialization"),
        ("Dense(30, kernel_initializer=lambda shape: 3)", "no random draw"),
        ("Dense(30, kernel_initializer=open('x'))", "unknown scheme"),
        ("nn.Linear(3, 4); nn.init.normal_(l.weight, std=evil())", "evil"),
        ("l.weight = __import__('os').system('id')", "not a scheme"),
        ("x" * 2001, "more than 2000 characters"),
        ("a = 3; b = 4", "not a formula"),
    ],
)
def test_a_line_that_cannot_be_read(line: str, says: str) -> None:
    with pytest.raises(FaninError, match=re.escape(says)):
        explain(line)


def test_a_line_that_gives_no_sizes_says_which_it_speaks_of() -> None:
    found, reasons = explained("Dense(10)")
    assert reasons[-1].code == "sizes-unknown"
    assert reasons[-1].values == {"units": 10, "inputs": 784}
    assert "10 units with 784 inputs" in found.reasons[-1]
    assert "sizes-unknown" not in [reason.code for reason in explained("Dense(10)", (10, 20))[1]]


def test_reasons_are_codes_with_the_values_of_their_sentence() -> None:
    seen = set()
    texts = ["rand", "-rand", "zeros", "0.3+randn", "randn-0.5", "0.01*randn", "randn", "randn/sqrt(1/n)", "randn-9"]
    texts += ["randn*2/(n_in+n_out)", "torch:trunc_normal_(std=0.02)", "he_normal", "np.zeros(10)", "Dense(3)"]
    texts += ["np.random.uniform(-0.06, 0.06, (768, 10))", "np.random.randn(10, 768).astype(float)/np.sqrt(10)"]
    for text in texts:
        for name in ("sigmoid", "tanh", "relu", "gelu"):
            found, reasons = explained(text, None, name)
            assert found.reasons == tuple(map(str, reasons))
            for reason in reasons:
                fields = {field for _, field, _, _ in string.Formatter().parse(ENGLISH[reason.code]) if field}
                assert fields <= set(reason.values)
                seen.add(reason.code)
            json.dumps([reason.values for reason in reasons], allow_nan=False)
    found, reasons = explained("np.random.uniform(-0.06, 0.06, (10, 768))", None, "tanh", "io")
    seen |= {reason.code for reason in reasons}
    assert set(ENGLISH) - seen <= {"stored-out-in", "stored-in-out"}
    assert {"stored-out-in", "stored-in-out"} & seen


def test_weights_too_large_for_a_number_are_refused() -> None:
    for text in ("constant(1e300)", "constant(1e155)", "randn*1e200"):
        with pytest.raises(InputError, match="too large for a number"):
            explain(text)
