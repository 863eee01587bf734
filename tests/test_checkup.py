"""What a person may hand in, what comes out, and what is refused in one line."""

import html
import json
from importlib import resources
from itertools import pairwise

import jsonschema
import numpy as np
import pytest

from fanin.adapters.numpy import Network
from fanin.checkup import check
from fanin.errors import FaninError, FaultsFound, InputError, UnknownName
from fanin.values import activation

RNG = np.random.default_rng(0)
W1, B1 = RNG.normal(size=(6, 8)) / 3, RNG.normal(size=6)
W2, B2 = RNG.normal(size=(4, 6)) / 3, RNG.normal(size=4)
RAND = [RNG.random((30, 784)), RNG.random((10, 30))]
X = RNG.random((50, 784))


def _same(model, **spec) -> list[str]:
    """The measured trace is that of the arrays in the plainest form; returns the parameter names."""
    case = check(model, **spec).case
    assert case.measured == check(([W1, W2], [B1, B2])).case.measured
    return [param.path for param in case.params]


def test_the_forms_of_a_model_are_one() -> None:
    names = ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert _same(([W1, W2], [B1, B2])) == names
    assert _same(((W1, W2), (B1[:, None], B2[None]))) == names
    assert _same([W1, B1, W2, B2]) == names
    assert _same((W1, B1[:, None], W2, B2[:, None])) == names
    assert _same([W1, B1[None], W2, B2]) == names  # a row, told by what follows
    assert _same([W1.T, B1[None], W2.T, B2[None]], layout="io") == names
    assert _same([W1.T, B1, W2.T, B2], layout="io") == names
    assert _same([W1.T, B1[:, None], W2.T, B2[:, None]], layout="io") == names
    assert _same(Network((W1, W2), (B1, B2), activation("sigmoid"), activation("sigmoid"))) == names


@pytest.mark.parametrize(
    "names",
    [
        ("arr_0", "arr_1", "arr_2", "arr_3"),
        ("0.weight", "0.bias", "1.weight", "1.bias"),
        ("layers.2.weight", "layers.2.bias", "layers.10.weight", "layers.10.bias"),
        ("W1", "b1", "W2", "b2"),
        ("w_1", "b_1", "w_2", "b_2"),
        ("fc1.weight", "fc1.bias", "out.weight", "out.bias"),
        ("hidden/kernel", "hidden/bias", "output/kernel", "output/bias"),
        ("dense_1_weights", "dense_1_biases", "dense_2_weights", "dense_2_biases"),
    ],
)
def test_names(names: tuple[str, ...]) -> None:
    arrays = dict(zip(names, (W1, B1, W2, B2), strict=True))
    assert _same(arrays) == list(names)
    if any(digit in "".join(names) for digit in "0123456789") and not names[0].startswith("fc1"):
        shuffled = {name: arrays[name] for name in (names[3], names[1], names[2], names[0])}
        assert _same(shuffled) == list(names)


def test_biases_before_their_weights_as_safetensors_sorts_them() -> None:
    _same({"fc1.bias": B1, "fc1.weight": W1, "fc2.bias": B2, "fc2.weight": W2})


def test_missing_biases_are_zeros() -> None:
    zeros = check([W1, W2]).case.measured
    assert zeros == check(([W1, W2], [np.zeros(6), np.zeros(4)])).case.measured
    assert zeros == check({"a1.weight": W1, "a2.weight": W2}).case.measured


def test_a_single_unit_is_a_weight_and_no_bias() -> None:
    assert len(check([W1, W2, np.ones((1, 4))]).case.weights) == 3
    assert len(check([W1.T, W2.T, np.ones((4, 1))], layout="io").case.weights) == 3


def test_a_layout_that_does_not_fit_points_to_the_other() -> None:
    with pytest.raises(InputError, match="layout oi"):
        check([W1, B1[:, None], W2, B2[:, None]], layout="io")


def test_integers_and_single_precision_are_taken() -> None:
    assert check([np.ones((3, 2), int)]).ok
    assert check([W1.astype(np.float32)]).ok


def test_the_report_says_that_there_were_no_data() -> None:
    assert check([W1]).to_json()["data"] == "256 standard-normal inputs (no data given)"
    assert check(RAND, X).to_json()["data"] == "50 inputs"


@pytest.mark.parametrize("batch", [None, X, (X, RNG.integers(0, 10, 50)), (X, np.eye(10)[np.arange(50) % 10])])
def test_the_document_fits_its_schema(batch) -> None:
    schema = json.loads(resources.files("fanin.report").joinpath("schemas/check.json").read_text())
    for weights in (RAND, [np.full((30, 784), np.nan), RAND[1]], [w * 0 for w in RAND]):
        document = check(weights, batch, loss="quadratic").to_json()
        jsonschema.validate(document, schema)
        json.dumps(document, allow_nan=False)
        assert document["verdict"] == "fail"
        assert document["cause"] == document["findings"][0]["code"]


def test_the_layers_table() -> None:
    layer = check(RAND, X).to_json()["layers"][0]
    assert (layer["name"], layer["op"], layer["shape"], layer["fan_in"], layer["fan_out"]) == (
        "1",
        "dense",
        [30, 784],
        784,
        30,
    )
    assert layer["weight"]["mean"] == pytest.approx(0.5, abs=0.01)
    assert layer["forward"]["saturated"] > 0.99
    assert layer["predicted"]["forward"]["saturated"] > 0.99
    assert check([w.T for w in RAND], X, layout="io").to_json()["layers"][0]["shape"] == [784, 30]


def test_the_fix_speaks_four_languages_in_the_stored_layout() -> None:
    fix = check([w.T for w in RAND], layout="io").findings[0].fix
    assert fix is not None
    assert set(fix.snippet) == {"numpy", "torch", "keras", "jax"}
    assert "784, 30" in fix.snippet["numpy"]
    assert fix.std == pytest.approx(1 / 28)


def test_a_report_for_people_and_notebooks() -> None:
    report = check(RAND)
    assert "FAN103" in str(report)
    assert html.escape(report.findings[0].code) in report._repr_html_()
    assert not report.ok
    with pytest.raises(FaultsFound, match="FAN103 non-zero-mean"):
        report.raise_for_findings()
    good = check([w / 28 for w in (RNG.normal(size=(30, 784)), RNG.normal(size=(10, 30)))])
    assert good.ok
    good.raise_for_findings()


def test_select_takes_a_text_or_several() -> None:
    assert check(RAND, select="FAN2, FAN3").cause == "FAN201"
    assert check(RAND, select=["FAN2"]).cause == "FAN201"
    assert check(RAND, ignore="FAN103").cause == "FAN201"
    with pytest.raises(UnknownName, match="FAN9"):
        check(RAND, select="FAN9")


def test_the_output_follows_the_loss() -> None:
    def outputs(**spec):
        return check([W1, W2], **spec).to_json()["layers"][-1]["activation"]

    assert outputs() == "sigmoid"
    assert outputs(activation="relu") == "linear"
    assert outputs(activation="tanh", loss="cross_entropy") == "linear"
    assert outputs(activation="relu", loss="bce") == "sigmoid"
    assert outputs(activation="relu", output="tanh", loss="mse") == "tanh"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ([W1.T, W2.T], "layout io"),
        ([W1.T, B1, W2.T, B2], "layout io"),
        ([W1.T, B1[:, None], W2.T, B2[:, None]], "layout io"),
        ([W1, W1], "takes 8 inputs, but the layer before gives 6"),
        ([W1, B2], "bias 4 entries"),
        ([B1, W1], "vector without a weight"),
        ([], "no weight matrix"),
        ({}, "no weight matrix"),
        ([np.ones((2, 3, 4))], r"\(2, 3, 4\)"),
        ([np.ones((0, 4))], r"\(0, 4\)"),
        ([np.array(["a"])], "real numbers"),
        ([W1 + 1j], "real numbers"),
        ([[[1, 2], [3]]], "no array"),
        ({"fc.weight": B1}, "expected a matrix"),
        ({"fc.weight": W1, "norm.bias": B1}, "no weight beside"),
        (([W1, W2], [B1]), "2 weights and 1 biases"),
        (([W1], [W1]), "expected a vector"),
        ("weights", "got a str"),
        (None, "got a NoneType"),
        (3, "got an int"),
    ],
)
def test_models_that_are_none(model, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        check(model)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        (np.ones((5, 7)), "7 features; the first layer takes 784"),
        (np.ones((5, 30)), "layout io"),
        (np.ones(784), "samples, features"),
        (np.ones((0, 784)), "samples, features"),
        (np.full((5, 784), np.inf), "NaN or infinite"),
        (np.full((5, 784), "a"), "expected numbers"),
        ((X, np.arange(50)), "from 0 to 9"),
        ((X, np.zeros(49, int)), "50 whole numbers"),
        ((X, np.full(50, 0.5)), "whole numbers"),
        ((X, np.full((50, 10), np.nan)), "targets"),
    ],
)
def test_batches_that_do_not_fit(batch, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check(RAND, batch)


@pytest.mark.parametrize(
    "spec", [{"loss": "huber"}, {"layout": "xy"}, {"activation": "rellu"}, {"output": "softmaxx"}, {"seed": -1}]
)
def test_options_that_are_none(spec) -> None:
    with pytest.raises(FaninError):
        check([W1, W2], **spec)


def test_the_same_call_gives_the_same_report() -> None:
    assert check(RAND).to_json() == check(RAND).to_json()
    assert check(RAND, seed=1).to_json() != check(RAND).to_json()


def test_images_are_rows_of_pixels() -> None:
    images = RNG.random((50, 28, 28))
    labels = np.arange(50) % 10
    flat = check(RAND, (images.reshape(50, 784), labels), loss="quadratic")
    assert check(RAND, (images, labels), loss="quadratic").case.measured == flat.case.measured


@pytest.mark.parametrize(
    "y", [np.arange(50) % 2, (np.arange(50) % 2).astype(bool), RNG.random(50), RNG.random((50, 1))]
)
def test_one_output_takes_one_number_per_example(y: np.ndarray) -> None:
    weights = [RNG.normal(size=(30, 784)) / 28, RNG.normal(size=(1, 30)) / 5]
    assert check(weights, (X, y), loss="mse").case.measured.value("2", "forward", "loss") is not None


def test_whole_numbers_stored_as_floats_are_labels() -> None:
    labels = np.arange(50) % 10
    as_floats, as_ints = (check(RAND, (X, y), loss="quadratic") for y in (labels.astype(float), labels))
    assert as_floats.case.measured == as_ints.case.measured
    with pytest.raises(InputError, match="whole numbers from 0 to 9"):
        check(RAND, (X, labels + 0.5))


def test_broken_weights_are_not_blamed_on_the_data() -> None:
    weights = [RNG.normal(size=(30, 784)) / 28, RNG.normal(size=(10, 30)) / 5]
    assert check(weights, X / 255).cause == "FAN501"
    weights[1][3, 4] = np.nan
    assert check(weights, X / 255).cause == "FAN101"
    assert check([np.zeros((30, 784)), np.zeros((10, 30))], X / 255).cause == "FAN102"


def test_a_slip_made_in_several_layers_is_a_warning() -> None:
    widths = (784, 100, 100, 100, 10)
    he = [RNG.normal(size=(m, n)) * np.sqrt(2 / n) for n, m in pairwise(widths)]
    assert check(he, X, activation="relu").ok
    rootless = [he[0], *(RNG.normal(size=w.shape) * 2 / w.shape[1] for w in he[1:])]
    report = check(rootless, X, activation="relu")
    assert report.cause == "FAN104"
    assert "the root was perhaps forgotten" in report.findings[0].message
    late = [*he[:3], he[3] * 30]
    assert check(late, X, activation="relu").cause == "FAN104"


def test_a_loss_has_the_names_that_pytorch_gives_it() -> None:
    labels = np.arange(50) % 10
    for name, same in (("nll", "cross_entropy"), ("bce_with_logits", "bce")):
        one, other = (check(RAND, (X, labels), loss=loss).case.measured for loss in (name, same))
        assert one == other
    with pytest.raises(UnknownName, match="cross_entropy"):
        check(RAND, loss="crossentropy")


def test_an_optimizer_by_name_is_one_that_the_rules_know() -> None:
    with pytest.raises(UnknownName, match="unknown optimizer 'adagradient'; did you mean adagrad"):
        check([np.eye(3)], optimizer="adagradient", lr=0.1)
