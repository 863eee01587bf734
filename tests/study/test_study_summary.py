"""Intervals, epochs to 20 %, who has learned, and the two sentences."""

import numpy as np
import pytest
from scipy import stats

from fanin.study.answer import answer
from fanin.study.outcome import Epoch, Outcome
from fanin.study.summary import half_way, interval, summary
from fanin.study.work import Yardstick

TENTH = half_way(0.1)


def outcome(trial, accuracies, state="done"):
    rows = [Epoch(k, 1.0, a, a, (), (), ()) for k, a in enumerate(accuracies)]
    return Outcome(trial, state, tuple(rows), "ValueError: broken" if state == "failed" else None)


def test_the_interval_is_students():
    values = np.random.default_rng(0).uniform(0.4, 0.6, 7)
    low, high = stats.t.interval(0.95, 6, loc=values.mean(), scale=stats.sem(values))
    assert interval(list(values)) == pytest.approx({"mean": values.mean(), "low": low, "high": high})


def test_the_interval_covers_the_mean_in_95_percent_of_studies():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(2000):
        found = interval(list(rng.normal(0.5, 0.05, 3)))
        hits += found["low"] <= 0.5 <= found["high"]
    # standard error sqrt(0.95 * 0.05 / 2000) = 0.0049
    assert abs(hits / 2000 - 0.95) < 4 * 0.0049


def test_intervals_stay_shares():
    assert interval([0.0, 1.0]) == {"mean": 0.5, "low": 0.0, "high": 1.0}
    assert interval([]) == {"mean": None, "low": None, "high": None}


def test_summary(make_trial):
    t = make_trial()
    three = [outcome(t, [0.3, 0.1, 0.2, 0.6]), outcome(t, [0.1, 0.5, 0.7, 0.54]), outcome(t, [0.1, 0.1, 0.1, 0.1])]
    found = summary(three, TENTH)
    assert found["epochs_to_20"] == 2  # of 2, 1 and never; what epoch 0 happens to score does not count
    assert (found["learned"], found["of"]) == (1, 3)
    assert found["final_accuracy"]["mean"] == pytest.approx((0.6 + 0.54 + 0.1) / 3)
    assert found["epochs_to_learn"] == 3  # of 3, 2 (and worse again) and never
    assert summary(three[2:], TENTH)["epochs_to_20"] is None


def test_what_diverged_failed_or_waits_has_not_learned(make_trial):
    found = summary([outcome(make_trial(), [0.9, 0.9], "diverged"), outcome(make_trial(), [], "failed")], TENTH)
    assert (found["learned"], found["of"], found["epochs_to_20"]) == (0, 2, None)
    assert summary([Outcome(make_trial(), "pending")], TENTH)["final_accuracy"]["mean"] is None


def arm(make_trial, init, accuracies, check=None, state="done"):
    outcomes = [outcome(make_trial(init=init), row, state) for row in accuracies]
    trials = [
        {"state": o.state, "error": o.error, "epochs": [{"epoch": r.epoch, "accuracy": r.accuracy} for r in o.epochs]}
        for o in outcomes
    ]
    return {"init": init, "summary": summary(outcomes, TENTH), "trials": trials, "check": check}


SICK = {
    "cause": "FAN102",
    "findings": [
        {"code": "FAN203", "slug": "saturated-units", "message": "Layer 1 is saturated."},
        {"code": "FAN102", "slug": "non-zero-mean", "message": "Layer 1 has a mean of 0.5."},
    ],
}


def test_the_answer_names_who_learns_and_the_principal_cause(make_trial):
    arms = [
        arm(make_trial, "rand", [[0.1, 0.1]] * 3, SICK),
        arm(make_trial, "randn", [[0.1, 0.9]] * 3),
        arm(make_trial, "zeros", [[0.1, 0.1]] * 3, SICK),
    ]
    assert answer(arms, []) == (
        "1 of 3 initializations learn under every seed: randn (90.0 %). "
        "Not so rand (0 of 3, 10.0 %) and zeros (0 of 3, 10.0 %): non zero mean (FAN102)."
    )
    assert answer(arms[:2], []).endswith("Not so rand (0 of 3, 10.0 %): Layer 1 has a mean of 0.5 (FAN102).")


def test_of_losses_the_answer_says_who_needs_fewest_epochs(make_trial):
    level = Yardstick("loss", 1.0, 0.5, "half")

    def lossy(init, losses):
        rows = tuple(Epoch(k, x, None, None, (), (), (), test_loss=x) for k, x in enumerate(losses))
        found = Outcome(make_trial(init=init), "done", rows)
        trial = {"state": "done", "error": None, "epochs": [{"epoch": k, "accuracy": None} for k, _ in enumerate(rows)]}
        return {"init": init, "summary": summary([found], level), "trials": [trial], "check": None}

    soon, late = lossy("a", [1.0, 0.4, 0.2]), lossy("b", [1.0, 0.9, 0.3])
    assert (soon["summary"]["epochs_to_learn"], late["summary"]["epochs_to_learn"]) == (1, 2)
    assert answer([late, soon], []).endswith("(loss 0.2) and b (loss 0.3). To begin, a needs 1 and b 2 epochs.")
    assert answer([soon, soon | {"init": "c"}], []).endswith("c (loss 0.2).")


def test_other_answers(make_trial):
    good, soon = arm(make_trial, "a", [[0.1, 0.6, 0.9]]), arm(make_trial, "b", [[0.1, 0.8, 0.9]])
    assert answer([good, soon], []).endswith("After one epoch b is at 80.0 % and a at 60.0 %.")
    assert answer([good], []).endswith("After one epoch it is at 60.0 %.")
    sick = arm(make_trial, "rand", [[0.1, 0.1]] * 3, SICK)
    assert answer([sick], []) == (
        "rand does not learn under every seed (0 of 3, 10.0 %): Layer 1 has a mean of 0.5 (FAN102)."
    )
    bad = [
        arm(make_trial, "c", [[]], state="failed"),
        arm(make_trial, "d", [[0.1, 0.1]], state="diverged"),
        arm(make_trial, "e", [[0.1, 0.1]], {"cause": None, "findings": []}),
        arm(make_trial, "f", [[]], state="pending"),
    ]
    text = answer(bad, [])
    for words in (
        "None of the 4",
        "c (0 of 1): could not run, ValueError: broken",
        "diverged",
        "no cause in the start",
    ):
        assert words in text
    assert "f (0 of 1): not trained yet" in text


def test_a_study_of_many_cells_counts_what_has_ended_and_names_few_cells(make_trial):
    def over(init, depth, activation, state="done", accuracies=((0.1, 0.9), (0.1, 0.9))):
        made = arm(make_trial, init, accuracies, state=state)
        return {**made, "cell": {"depth": depth, "activation": activation}}

    waiting = [over("he", 2, "relu", "pending"), over("he", 3, "relu", "pending")]
    assert answer(waiting, []) == "No trial is trained yet: 4 are pending."
    begun = answer([over("he", 2, "relu"), over("he", 3, "relu", "pending")], [])
    assert begun == "Not finished, 2 of the trials are pending. Learns under every seed: he in 1 of 1."
    cells = [(depth, name) for depth in (2, 3) for name in ("relu", "tanh")]
    arms = [over(init, *cell) for cell in cells for init in ("he", "lecun")]
    pair = {"better": "he", "worse": "lecun", "metric": "accuracy", "distinct": False}
    pair["difference"] = {"mean": 0.0, "low": -0.1, "high": 0.1}
    pairs = [pair | {"cell": {"depth": depth, "activation": name}} for depth, name in cells]
    assert answer(arms, pairs).endswith("Between he and lecun no difference is seen in any cell.")
    won = [pairs[0] | {"distinct": True}, *pairs[1:3]]
    assert answer(arms, won).endswith(
        "he beats lecun by 0.0 points [-10.0, 10.0] at depth 2, activation relu; "
        "no difference is seen at depth 2, activation tanh and depth 3, activation relu."
    )
