"""A study over cells and rates: which trials count, what is compared, what is said; from outcomes made by hand."""

import math
from itertools import product

import jsonschema
import pytest

from fanin import report
from fanin.study.outcome import Epoch, Outcome
from fanin.study.store import Store
from fanin.study.study import study
from fanin.values import Trial

RULE = {"metric": "accuracy", "chance": 0.1, "learned": 0.55, "rule": "final test accuracy at least 55 %"}
INITS, DEPTHS, RATES, SEEDS = ("he_normal", "xavier_normal"), (5, 30), (0.01, 0.1), range(5)


def outcome(trial, accuracy, validation, state="done"):
    """Two epochs that end at these scores."""
    rows = [
        Epoch(0, 2.3, 0.1, 0.1, (), (), (), 2.3, 2.3, 0.1),
        Epoch(1, 1.0, accuracy, accuracy, (), (), (), 1 - accuracy, 1 - validation, validation),
    ]
    return Outcome(trial, state, tuple(rows))


def trials(make_trial):
    for depth, init, lr, seed in product(DEPTHS, INITS, RATES, SEEDS):
        widths = (64, *(100,) * depth, 10)
        yield make_trial(init=init, widths=widths, activation="relu", bias="zeros", lr=lr, seed=seed, epochs=1)


def scores(trial):
    """Test and validation accuracy: at depth 30 He is better by 0.2, and at the rate that validation prefers."""
    base = 0.6 if len(trial.widths) < 10 or trial.init == "he_normal" else 0.4
    better_on_test = 0.05 * (trial.lr == 0.1)  # what the test data prefer must choose nothing
    return base + better_on_test + 0.01 * trial.seed, base + 0.05 * (trial.lr == 0.01)


@pytest.fixture
def document(make_trial):
    made = list(trials(make_trial))
    return documented(made, [outcome(t, *scores(t)) for t in made])


def documented(made: list[Trial], outcomes, yardstick=RULE):
    cells = [{"depth": depth} for depth in DEPTHS]
    arms = [{"init": i, "cell": c, "start": None, "check": None} for c in cells for i in INITS]
    header = {
        "title": "by hand",
        "data": {"classes": 10, "source": "nowhere"},
        "yardstick": yardstick,
        "trials": [trial.to_json() for trial in made],
        "arms": arms,
        "reproduce": {"command": "fanin", "fanin": "0", "python": "3", "numpy": "2", "platform": "any"},
    }
    with Store() as store:
        store.add_study(header)
        store.add(outcomes)
        return study(store).to_json()


def test_the_rate_is_chosen_on_validation_and_reported_on_test(document):
    assert [arm["lr"] for arm in document["arms"]] == [0.01] * 4
    he = next(arm for arm in document["arms"] if arm["init"] == "he_normal" and arm["cell"] == {"depth": 30})
    assert he["summary"]["final_accuracy"]["mean"] == pytest.approx(0.62)
    assert [row["validation"] for row in he["rates"]] == pytest.approx([0.65, 0.6])
    assert (he["summary"]["learned"], he["summary"]["of"], len(he["trials"])) == (5, 5, 10)


def test_the_sentence_names_the_better_one_where_there_is_a_difference(document):
    assert document["answer"] == (
        "Learns under every seed: he_normal in 2 of 2; xavier_normal in 1 of 2 (not at depth 30). "
        "he_normal beats xavier_normal by 20.0 points [20.0, 20.0] at depth 30; no difference is seen at depth 5."
    )


def test_the_document_keeps_the_contract(document):
    jsonschema.validate(document, report.schema("study"))
    deep = next(p for p in document["comparisons"] if p["cell"] == {"depth": 30})
    assert (deep["better"], deep["seeds"], deep["distinct"]) == ("he_normal", 5, True)


def test_every_format_shows_it(document):
    text = report.render(document, "text", width=120)
    assert "final test accuracy by depth" in text
    assert "(42.0 %)" in text  # xavier at depth 30: not every seed learned
    page = report.render(document, "html")
    assert "Over depth" in page
    assert "Which is better, and how surely" in page
    assert report.picture(document, "svg").startswith(b"<?xml")


def test_a_rate_that_diverges_once_is_not_chosen(make_trial):
    made = list(trials(make_trial))
    outcomes = [outcome(t, *scores(t), state="diverged" if t.lr == 0.01 and t.seed == 3 else "done") for t in made]
    assert [arm["lr"] for arm in documented(made, outcomes)["arms"]] == [0.1] * 4


def test_losses_are_compared_by_their_ratio(make_trial):
    made = list(trials(make_trial))
    rule = {"metric": "loss", "chance": 1.0, "learned": 0.5, "rule": "test loss at most half of the mean's"}
    found = documented(made, [outcome(t, *scores(t)) for t in made], rule)
    deep = next(p for p in found["comparisons"] if p["cell"] == {"depth": 30})
    ratios = [math.log((0.6 - 0.01 * s) / (0.4 - 0.01 * s)) for s in SEEDS]
    assert deep["difference"]["mean"] == pytest.approx(sum(ratios) / 5)
    assert "he_normal beats xavier_normal with a test loss lower by a factor of 1.53 [" in found["answer"]
    assert "a factor of 1.53 in loss" in report.render(found, "html")


def test_what_halving_let_go_does_not_count(make_trial):
    made = [t for t in trials(make_trial) if t.lr == 0.01]
    short = [
        make_trial(**{f: getattr(t, f) for f in ("init", "widths", "activation", "bias", "seed")}, lr=0.5, epochs=0)
        for t in made
    ]
    found = documented([*made, *short], [outcome(t, *scores(t)) for t in [*made, *short]])
    assert [arm["lr"] for arm in found["arms"]] == [0.01] * 4
    assert [arm["summary"]["of"] for arm in found["arms"]] == [5] * 4


def test_a_study_that_has_just_begun_is_shown(make_trial):
    found = documented(list(trials(make_trial)), [])
    jsonschema.validate(found, report.schema("study"))
    assert found["comparisons"] == []
    assert "pending" in report.render(found, "text")
    assert report.render(found, "html")
