import copy
from typing import Any

import pytest

from fanin.report import render
from fanin.report.formats.text.bars import columns, rebin, sparkline
from fanin.report.views import study as view

HOSTILE = "\x1b[2J[bold red]x[/] </script><script>alert(1)</script> $\\frac$ \u202e\r\n::error::"


def body(document: dict[str, Any], **options: Any) -> str:
    """The text with its line breaks taken out, so that a wrapped sentence still reads as one."""
    return " ".join(render(document, "text", **options).split())


def test_explain_says_the_numbers_in_words(build: dict[str, Any]) -> None:
    text = body(build["explain"](), width=160)
    for part in (
        "np.random.rand(30, 784) is a bad start for a sigmoid layer of 30 units with 784 inputs each.",
        "mean 52.3, std 17.1",
        "5.82 times the 0.0496 of xavier_normal",
        "99.8 %",
        "× 2.1e-06",
        "Every weight is positive",
        "Write xavier_normal instead (std 0.0496)",
        "numpy np.random.randn(30, 784) * np.sqrt(2 / (784 + 30))",
        "torch torch.nn.init.xavier_normal_(layer.weight)",
        "keras keras.initializers.GlorotNormal()",
        "jax jax.nn.initializers.glorot_normal()",
        "Glorot & Bengio 2010",
    ):
        assert part in text, part


def test_explain_praises_what_is_good(build: dict[str, Any]) -> None:
    text = body(build["explain"]("xavier_normal", "good"))
    assert "a good start" in text
    assert "as xavier_normal has it" in text
    assert "instead" not in text


@pytest.mark.parametrize(
    ("ratio", "words"), [(0, "weights are equal"), (0.25, "0.25 times the 0.0496"), (None, "– times")]
)
def test_explain_the_factor(build: dict[str, Any], ratio: float | None, words: str) -> None:
    assert words in body(build["explain"]() | {"ratio": ratio}, width=160)


def test_explain_without_its_optional_parts(build: dict[str, Any]) -> None:
    document = build["explain"]()
    for key in ("shape", "layout", "activation", "expression", "formula", "reference"):
        del document[key]
    assert "rand is a bad start for a linear layer." in body(document)


def test_explain_names_the_reference_of_another_good_scheme(build: dict[str, Any]) -> None:
    document = build["explain"]("lecun_normal", "good") | {"scheme": "lecun_normal", "ratio": 0.72}
    assert "The reference here is xavier_normal (std 0.0496)" in body(document)
    assert "0.72 times the 0.0496 of xavier_normal" in body(document, width=160)


def test_sample_shows_moments_beside_the_law(build: dict[str, Any]) -> None:
    document = build["sample"]()
    text = render(document, "text")
    assert "rand: 20,000 draws" in text
    assert "0.4987 ± 0.0020" in text
    assert "0.6 s.e." in text
    assert "█" in text
    assert "± 0.0141     inside" in text or "± 0.0141  inside" in text
    del document["samples"][0]["expected"], document["samples"][0]["convergence"], document["samples"][0]["histogram"]
    assert "rand: 20,000 draws" in render(document, "text")


def test_sample_says_outside_where_it_is(build: dict[str, Any]) -> None:
    document = build["sample"](count=100)
    document["samples"][1]["convergence"] = [{"count": 10000, "mean": 0.03, "std": 1.0}]
    assert "outside" in render(document, "text")


@pytest.mark.parametrize("width", [80, 120])
def test_propagate_puts_theory_beside_measurement(build: dict[str, Any], width: int) -> None:
    document = build["propagate"](depth=4)
    text = render(document, "text", width=width)
    first = document["arms"][1]["layers"][0]
    assert f"{first['measured']['std']:.3g}" in text
    assert f"{first['predicted']['std']:.3g} ± {first['stderr']['std']:.1g}" in text
    assert "saturated" in text
    assert "4 tanh layers, 100 units, 200 inputs" in text
    assert "█" in text
    assert max(map(len, text.splitlines())) <= width


def test_check_puts_the_cause_first(build: dict[str, Any]) -> None:
    text = render(build["check"](), "text")
    assert text.index("The cause") < text.index("FAN102") < text.index("Also found") < text.index("FAN301")
    for part in (
        "net.npz fails",
        "layer 1 (weight)",
        "expected 0.0357",
        "99.8 %",
        "Do: Draw them",
        "30×784",
        "3.1e-14",
    ):
        assert part in text, part


def test_check_counts_errors_of_which_none_follows_from_another(build: dict[str, Any]) -> None:
    document = build["check"]()
    assert ", one cause." in render(document, "text")
    document["findings"].append(document["findings"][0] | {"code": "FAN999", "severity": "error"})
    text = render(document, "text")
    assert ", 2 causes." in text
    assert "The first cause" in text


def test_check_reads_predictions_kept_by_direction(build: dict[str, Any]) -> None:
    document = build["check"]()
    document["layers"][0]["predicted"] = {"forward": {"std": 0.0777}}
    assert "0.0777" in render(document, "text")


def test_study_answers_first_and_gives_the_table(build: dict[str, Any]) -> None:
    document = build["study"]()
    text = render(document, "text", width=120)
    lines = " ".join(text.split())
    assert lines.startswith(document["answer"])
    for part in ("3 of 3", "0 of 3", "never", "FAN102", "All 30 units are equal.", "▁▇▇█", "784–30–10", "3 seeds"):
        assert part in text, part
    assert document["reproduce"]["command"] in text
    mean = document["arms"][1]["summary"]["final_accuracy"]["mean"]
    assert f"{100 * mean:.1f} %" in text


def test_study_says_what_did_not_end(build: dict[str, Any]) -> None:
    document = build["study"](epochs=2, seeds=2)
    first, second = document["arms"][0], document["arms"][1]
    for trial in first["trials"]:
        trial |= {"state": "pending", "epochs": [], "seconds": None}
    first |= {"check": None, "start": None}
    first["summary"] |= {"final_accuracy": None, "epochs_to_20": None, "learned": 0, "of": 0}
    second["trials"][0] |= {"state": "diverged", "error": "the loss is not finite"}
    second["trials"][0]["epochs"][-1] |= {"loss": None, "accuracy": None, "train_accuracy": None}
    second["summary"]["final_accuracy"] = {"mean": 0.5, "low": None, "high": None}
    text = body(document, width=120)
    assert "rand: 2 trials pending" in text
    assert "randn: 1 trial diverged: the loss is not finite" in text
    assert view.learns(first) == "pending"
    assert view.why(first) == "not checked"
    assert view.begins(document, first) == view.moved(first) == view.accuracy(first) == "–"


def test_no_control_character_and_no_markup_gets_through(build: dict[str, Any]) -> None:
    for kind, document in hostile(build).items():
        text = render(document, "text", width=400)
        assert "\x1b" not in text, kind
        assert "\u202e" not in text, kind
        assert not any(line.startswith("::error") for line in text.splitlines()), kind
        assert "[bold red]x[/]" in text, kind


def hostile(build: dict[str, Any]) -> dict[str, dict[str, Any]]:
    documents = {kind: copy.deepcopy(make()) for kind, make in build.items()}
    documents["explain"] |= {"expression": HOSTILE, "reasons": [HOSTILE], "formula": HOSTILE}
    documents["sample"]["samples"][0]["init"] = HOSTILE
    documents["propagate"]["arms"][0]["init"] = HOSTILE
    documents["check"] |= {"target": HOSTILE}
    documents["study"]["arms"][0]["init"] = documents["study"]["title"] = documents["study"]["answer"] = HOSTILE
    return documents


def test_colour_only_when_asked(document: dict[str, Any]) -> None:
    assert "\x1b[" not in render(document, "text")
    assert "\x1b[" in render(document, "text", color=True)


def test_environment_does_not_decide_the_colour(document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    plain = render(document, "text")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "33")
    assert render(document, "text") == plain


@pytest.mark.parametrize("width", [80, 100])
def test_ascii_where_that_is_all(document: dict[str, Any], width: int) -> None:
    text = render(document, "text", width=width, ascii=True)
    assert text.isascii()
    assert "\\u" not in text
    assert len(text.splitlines()) > 5


def test_blocks_of_characters() -> None:
    assert sparkline([], 0, 1) == ""
    assert sparkline([3.0, 3.0], 3.0, 3.0) == "▁▁"
    assert columns([0, 1, 1000], 1) == [" ▁█"], "a small count still shows"
    assert columns([0, 0]) == ["  "]
    assert columns([1, 2], 2) == [" █", "██"]


def test_rebin_keeps_the_sum() -> None:
    histogram = {"edges": [-1.0, -0.2, 0.4, 3.0], "counts": [3, 10, 2]}
    assert sum(rebin(histogram, -1.0, 3.0, 7)) == pytest.approx(15)
    assert sum(rebin(histogram, -5.0, 5.0, 11)) == pytest.approx(15)
    assert rebin(histogram, 1.0, 1.0, 3) == [15.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("moved", "words"),
    [([], "–"), ([None, 0.5], "–, 50 %"), ([0.1, 0.2, None, 2.0, 0.3], "10 % to 200 %"), ([None] * 5, "–, –, –, –, –")],
)
def test_how_far_the_weights_of_a_trial_moved(build: dict[str, Any], moved: list[float | None], words: str) -> None:
    arm = build["study"](epochs=1, seeds=1)["arms"][0]
    arm["trials"][0]["epochs"][-1]["moved"] = moved
    assert view.trials(arm).rows[0][-2] == words
