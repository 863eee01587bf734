"""Laws of what is concluded: paired differences and their intervals, the rate that counts, what halving lets go."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fanin.report.views.study import comparisons
from fanin.study import compare
from fanin.study.answer import answer
from fanin.study.halving import ETA, rungs, survivors
from fanin.study.outcome import Epoch, Outcome
from fanin.study.pairs import interval, pairs
from fanin.study.rates import chosen

SHARES = st.floats(0, 1).map(lambda value: round(value, 4))
MANY = st.integers(2, 12).flatmap(lambda n: st.lists(SHARES, min_size=n, max_size=n))
IN_TEST = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def pair(mine, other, metric="accuracy"):
    arms = [{"init": "a", "cell": {}}, {"init": "b", "cell": {}}]
    (found,) = pairs(arms, [dict(enumerate(mine)), dict(enumerate(other))], metric)
    return found


@given(MANY, st.floats(0.1, 10), st.floats(-5, 5))
def test_an_interval_moves_and_grows_with_its_differences(values, factor, shift):
    low, high, _ = interval(values)
    moved_low, moved_high, _ = interval([factor * value + shift for value in values])
    assert (moved_low, moved_high) == pytest.approx((factor * low + shift, factor * high + shift), abs=1e-9)
    assert low - 1e-12 <= np.mean(values) <= high + 1e-12


@given(MANY)
def test_the_other_way_round_it_is_the_mirrored_interval(values):
    low, high, _ = interval(values)
    assert interval([-value for value in values])[:2] == pytest.approx((-high, -low), abs=1e-12)


@given(MANY, st.data())
def test_which_arm_is_named_first_does_not_matter_and_what_both_share_cancels(mine, data):
    other = data.draw(st.lists(SHARES, min_size=len(mine), max_size=len(mine)))
    shared = data.draw(st.lists(st.floats(0, 1), min_size=len(mine), max_size=len(mine)))
    assume(abs(np.mean(mine) - np.mean(other)) > 1e-9)
    found = pair(mine, other)
    swapped = pair(other, mine)
    assert found["better"] == ("a" if np.mean(mine) > np.mean(other) else "b")
    assert swapped["better"] == {"a": "b", "b": "a"}[found["better"]]
    assert swapped["difference"] == found["difference"]
    moved = pair(
        [a + s for a, s in zip(mine, shared, strict=True)], [b + s for b, s in zip(other, shared, strict=True)]
    )
    assert moved["difference"]["mean"] == pytest.approx(found["difference"]["mean"], abs=1e-9)
    assert moved["difference"]["low"] == pytest.approx(found["difference"]["low"], abs=1e-9)
    assert -1 <= found["difference"]["low"] <= found["difference"]["high"] <= 1
    assert found["distinct"] == (found["difference"]["low"] > 0)


def test_one_seed_gives_a_difference_without_an_interval_and_no_verdict():
    found = pair([0.9], [0.1])
    assert (found["difference"]["low"], found["distinct"], found["seeds"]) == (None, False, 1)


@pytest.mark.parametrize(("n", "share"), [(3, 0.95), (5, 0.92), (10, 0.94)])
def test_how_often_the_interval_holds_the_truth(n, share):
    rng, hits, runs = np.random.default_rng(n), 0, 800
    for _ in range(runs):
        low, high, _ = interval(list(rng.normal(0.1, 0.05, n)))
        hits += low <= 0.1 <= high
    # standard error sqrt(0.92 * 0.08 / 800) = 0.0096
    assert abs(hits / runs - share) < 4 * math.sqrt(share * (1 - share) / runs)


def ended(trial, validation, accuracy, state="done"):
    return Outcome(trial, state, (Epoch(1, 1.0, 0.5, accuracy, (), (), (), 1.0, 1.0, validation),))


@IN_TEST
@given(st.lists(st.tuples(SHARES, SHARES), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_the_rate_is_chosen_without_a_look_at_the_test_data(make_trial, scores, dice):
    trials = [make_trial(lr=0.1 * (i + 1)) for i in range(len(scores))]
    found = chosen([ended(t, *score) for t, score in zip(trials, scores, strict=True)], "accuracy")
    others = [accuracy for _, accuracy in scores]
    dice.shuffle(others)
    again = [ended(t, score[0], other) for t, score, other in zip(trials, scores, others, strict=True)]
    dice.shuffle(again)
    assert chosen(again, "accuracy") == found
    best = max(validation for validation, _ in scores)
    assert found == min(t.lr for t, (validation, _) in zip(trials, scores, strict=True) if validation == best)


@pytest.mark.parametrize("state", ["diverged", "failed"])
def test_of_rates_that_all_lose_a_seed_the_one_that_loses_fewest_counts(make_trial, state):
    kept = {0.1: 1, 0.2: 3, 0.3: 2}  # of four seeds
    outcomes = [
        ended(make_trial(lr=lr, seed=seed), 1 - lr, 0.5, "done" if seed < count else state)
        for lr, count in kept.items()
        for seed in range(4)
    ]
    assert chosen(outcomes, "accuracy") == 0.2


@given(st.integers(1, 500), st.integers(1, 60))
def test_rungs_grow_to_the_full_length(epochs, rates):
    found = rungs(epochs, rates)
    assert found[-1] == epochs
    assert found == sorted(set(found))
    assert ETA ** (len(found) - 1) < ETA * rates


@IN_TEST
@given(st.integers(1, 9), st.integers(1, 3), st.randoms(use_true_random=False))
def test_a_third_of_the_rates_of_each_arm_goes_on(make_trial, count, seeds, dice):
    outcomes = [
        ended(make_trial(init=init, lr=0.1 * (i + 1), seed=seed), dice.random(), 0.5)
        for init in ("rand", "randn")
        for i in range(count)
        for seed in range(seeds)
    ]
    kept = survivors(outcomes, "accuracy")
    assert len(kept) == 2 * math.ceil(count / ETA)
    assert len({arm for arm, _ in kept}) == 2


def test_halving_is_one_study_and_its_answer_says_what_was_cut(tmp_path):
    from fanin.study import titles

    small = {"data": "digits", "init": ["randn", "zeros"], "lr": [0.1, 1.0, 3.0], "seeds": 1, "epochs": 3, "workers": 1}
    for _ in range(2):
        found = compare("nielsen", **small, halving=True, store=tmp_path / "s.sqlite")
        assert found.answer.endswith(
            "By successive halving at most 1 of 3 rates of each arm got all 3 epochs, the others 1."
        )
        assert len(titles(tmp_path / "s.sqlite")) == 1
    assert "halving" not in compare("nielsen", **small).answer


@pytest.fixture
def arms():
    return [
        {
            "init": init,
            "cell": {},
            "summary": {"final_accuracy": {"mean": level}, "learned": 1, "of": 1},
            "trials": [],
            "check": None,
        }
        for init, level in (("a", 0.9), ("b", 0.8))
    ]


def test_nothing_is_said_of_rivals_without_an_interval(arms):
    assert "beats" not in answer(arms, [pair([0.9], [0.8])])
    assert "a beats b by 10.0 points [10.0, 10.0]" in answer(arms, [pair([0.9] * 5, [0.8] * 5)])
    assert "no difference is seen" in answer(arms, [pair([0.9, 0.1, 0.9, 0.1, 0.5], [0.1, 0.9, 0.1, 0.9, 0.4])])


@pytest.mark.parametrize(
    ("mine", "other", "words"),
    [
        ([0.1] * 5, [0.25] * 5, "a beats b with a test loss lower by a factor of 2.5 [2.5, 2.5]."),
        ([1, 1.1], [1.5, 1.4], "no difference is seen: test losses apart by a factor of 1.38 [0.486, 3.92]."),
        # two seeds of which one hardly learns: an interval in per cent would go from -10^19 to 100
        ([0.01, 1], [1, 1.1], "no difference is seen: test losses apart by a factor of 10.5 [<1e-06, >1e+06]."),
        ([1e-300, 1], [1e300, 1.1], "a factor of >1e+06 [<1e-06, >1e+06]."),
    ],
)
def test_losses_are_compared_by_a_factor(arms, mine, other, words):
    found = pair(mine, other, "loss")
    assert answer(arms, [found]).endswith(words)
    (row,) = comparisons({"arms": arms, "comparisons": [found]}).rows
    by, interval = row[2:4]
    assert f"{by.removesuffix(' in loss')} [{interval.replace(' to ', ', ')}]" in words
