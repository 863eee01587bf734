"""The batched computation: the bits of each trial alone, plain gradient descent, divergence, symmetry."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanin.adapters.numpy import Network, backward, forward, loss, output_delta
from fanin.errors import InputError
from fanin.study.datasets import scaled
from fanin.study.outcome import REVISION
from fanin.study.train import epochs, network, order, train

INITS = ["rand", "randn", "xavier_uniform", "0.01*randn", "zeros"]


def timeless(outcomes):
    return [replace(outcome, seconds=0.0) for outcome in outcomes]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(INITS), st.integers(0, 3)), min_size=1, max_size=6, unique=True),
    st.sampled_from(["float32", "float64"]),
    st.sampled_from([(64, 12, 10), (64, 10), (64, 7, 5, 10), (64, 1, 10)]),
)
def test_a_trial_gives_the_same_bits_alone_and_in_any_company(digits, make_trial, pairs, dtype, widths):
    trials = [make_trial(init=init, seed=seed, dtype=dtype, widths=widths) for init, seed in pairs]
    together = timeless(train(trials, digits))
    assert together == [timeless(train([trial], digits))[0] for trial in trials]


def test_company_leaves_the_bits_of_the_full_width_alone(make_trial):
    from fanin.study import datasets

    data = datasets.load("mnist-mini")
    trials = [
        make_trial(init=i, seed=s, widths=(784, 30, 10), train=600, test=100, data=data.name, epochs=1)
        for s in range(2)
        for i in INITS
    ]
    assert timeless(train(trials, data)) == [timeless(train([trial], data))[0] for trial in trials]


def test_the_numbers_of_this_revision(make_trial, digits):
    """If they change on purpose, write the new ones here and raise REVISION: stores must not mix the two."""
    (found,) = train([make_trial(dtype="float64")], digits)
    assert (REVISION, found.epochs[-1].loss) == (1, pytest.approx(0.4465823916, rel=1e-9))


def test_two_runs_give_the_same_bits(digits, make_trial):
    trials = [make_trial(seed=seed) for seed in range(3)]
    assert timeless(train(trials, digits)) == timeless(train(trials, digits))


def test_it_is_gradient_descent_with_nielsens_weight_decay(digits, make_trial):
    """The update written out plainly, with an uneven last batch and a decaying rate."""
    trial = make_trial(dtype="float64", l2=3.0, decay=0.5, loss="bce", epochs=3)
    net = network(trial)
    x, y = scaled(digits.x_train[:205], "float64"), np.eye(10)[digits.y_train[:205]]
    for epoch in (1, 2, 3):
        rate = trial.lr * trial.decay ** (epoch - 1)
        rows = order(trial.seed, epoch, 205)
        for first in range(0, 205, 10):
            batch = rows[first : first + 10]
            signals = forward(net, x[batch])
            g = backward(net, signals, output_delta(trial.loss, net, signals, y[batch]) / len(batch))
            pairs = zip(net.weights, g.weights, strict=True)
            weights = tuple((1 - rate * trial.l2 / 205) * w - rate * gw for w, gw in pairs)
            biases = tuple(b - rate * gb for b, gb in zip(net.biases, g.biases, strict=True))
            net = Network(weights, biases, net.activation, net.output)
    (outcome,) = train([trial], digits)
    last = outcome.epochs[-1]
    output = forward(net, x).a[-1]
    assert last.loss == pytest.approx(float(loss(trial.loss, output, y)), rel=1e-9)
    assert last.train_accuracy == np.mean(output.argmax(1) == digits.y_train[:205])
    start = network(trial)
    for moved, w, w0 in zip(last.moved, net.weights, start.weights, strict=True):
        assert moved == pytest.approx(np.linalg.norm(w - w0) / np.linalg.norm(w0), rel=1e-9)
    probe = forward(net, x)
    rms = [np.sqrt(np.mean(g**2)) for g in backward(net, probe, output_delta(trial.loss, net, probe, y) / 205).weights]
    assert last.gradient == pytest.approx(rms, rel=1e-9)
    saturated = [np.mean(np.abs(a - 0.5) > 0.49) for a in probe.a]
    assert last.saturated == pytest.approx(saturated)


def test_all_arms_of_a_seed_share_biases_bits_and_order(make_trial):
    nets = {init: network(make_trial(init=init)) for init in ("rand", "rand-0.5", "randn")}
    np.testing.assert_allclose(nets["rand"].weights[0] - 0.5, nets["rand-0.5"].weights[0], atol=1e-7)
    for a, b in zip(nets["rand"].biases, nets["randn"].biases, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(nets["rand"].weights[0], network(make_trial(init="rand", seed=1)).weights[0])


def test_order_is_a_fresh_permutation_per_epoch_and_seed():
    orders = [order(seed, epoch, 500) for seed in (0, 1) for epoch in (1, 2)]
    for found in orders:
        assert sorted(found) == list(range(500))
    assert len({tuple(found) for found in orders}) == 4


def test_the_first_place_of_an_order_is_uniform():
    first = np.array([order(seed, 1, 4)[0] for seed in range(2000)])
    # share of each of 4 places: 0.25 with standard error sqrt(0.25 * 0.75 / 2000) = 0.0097
    assert np.abs(np.bincount(first, minlength=4) / 2000 - 0.25).max() < 5 * 0.0097


def test_zeros_everywhere_keeps_all_hidden_units_equal_in_float64(digits, make_trial):
    trial = make_trial(init="zeros", bias="zeros", dtype="float64", epochs=3, lr=3.0)
    from fanin.study import train as room

    seen = []
    start = room._stack

    def keep(trials):
        seen.append(start(trials))
        return seen[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "_stack", keep)
        (outcome,) = train([trial], digits)
    first, last = seen[0].weights
    assert outcome.epochs[-1].moved == (None, None)
    assert np.abs(first).max() > 0
    np.testing.assert_array_equal(first[0], np.broadcast_to(first[0, :1], first[0].shape))
    np.testing.assert_array_equal(last[0], np.broadcast_to(last[0, :, :1], last[0].shape))


def test_a_diverged_trial_ends_and_leaves_the_others_alone(digits, make_trial):
    facts = {
        "activation": "relu",
        "output": "linear",
        "loss": "cross_entropy",
        "epochs": 4,
        "widths": (64, 20, 20, 10),
        "lr": 0.1,
    }
    trials = [make_trial(init=init, **facts) for init in ("he_normal", "1e18*randn", "lecun_normal")]
    good, bad, fine = train(trials, digits)
    assert (good.state, bad.state, fine.state) == ("done", "diverged", "done")
    assert bad.epochs[-1].loss is None
    assert len(bad.epochs) < 5
    assert timeless([good, fine]) == timeless(train([trials[0], trials[2]], digits))


def test_epoch_0_is_before_training_and_reports_count_trials(digits, make_trial):
    counts = []
    outcomes = train([make_trial(), make_trial(seed=1)], digits, counts.append)
    assert counts == [2, 2]
    for outcome in outcomes:
        assert [row.epoch for row in outcome.epochs] == [0, 1, 2]
        assert outcome.epochs[0].moved == (0, 0)
        assert outcome.epochs[2].loss < 0.5 * outcome.epochs[0].loss


def test_trials_that_differ_in_more_than_init_and_seed_are_refused(digits, make_trial):
    with pytest.raises(InputError, match="init, seed and learning rate"):
        train([make_trial(), make_trial(batch=7)], digits)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_rates_in_one_stack_are_those_alone_and_a_slice_that_diverges_is_let_go(digits, make_trial, optimizer):
    facts = {"activation": "relu", "output": "linear", "loss": "cross_entropy", "bias": "zeros", "optimizer": optimizer}
    trials = [make_trial(lr=lr, seed=s, validation=30, l2=0.1, **facts) for lr in (0.001, 0.01, 1e30) for s in (0, 1)]
    together = timeless(train(trials, digits))
    assert together == [timeless(train([trial], digits))[0] for trial in trials]
    assert [o.state for o in together] == ["done"] * 4 + ["diverged"] * 2
    assert [len(o.epochs) for o in together] == [3] * 4 + [2] * 2
    assert all(0 <= row.validation_accuracy <= 1 and row.validation_loss > 0 for row in together[0].epochs)


@pytest.mark.parametrize("optimizer", ["momentum", "adam", "adamw"])
def test_optimizers_are_pytorchs(digits, make_trial, optimizer):
    torch = pytest.importorskip("torch")
    facts = {"activation": "tanh", "output": "linear", "loss": "cross_entropy", "bias": "zeros", "dtype": "float64"}
    trial = make_trial(init="randn/sqrt(fan_in)", optimizer=optimizer, lr=0.01, epochs=2, **facts)
    net = network(trial)
    weights = [torch.tensor(p, requires_grad=True) for p in (*net.weights, *net.biases)]
    kinds = {"momentum": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    step = kinds[optimizer](weights, lr=0.01, **({"momentum": 0.9} if optimizer == "momentum" else {}))
    x, y = torch.tensor(scaled(digits.x_train[:205], "float64")), torch.tensor(digits.y_train[:205])
    for epoch in (1, 2):
        for rows in torch.split(torch.tensor(order(trial.seed, epoch, 205)), 10):
            step.zero_grad()
            hidden = torch.tanh(x[rows] @ weights[0].T + weights[2])
            torch.nn.functional.cross_entropy(hidden @ weights[1].T + weights[3], y[rows]).backward()
            step.step()
    with torch.no_grad():
        hidden = torch.tanh(x @ weights[0].T + weights[2])
        expected = float(torch.nn.functional.cross_entropy(hidden @ weights[1].T + weights[3], y))
    (found,) = train([trial], digits)
    assert found.epochs[-1].loss == pytest.approx(expected, rel=1e-9)


def test_epoch_by_epoch_is_the_same_and_may_be_left(digits, make_trial):
    trials = [make_trial(init=init, epochs=3) for init in ("randn/sqrt(fan_in)", "1e30*randn")]
    whole = train(trials, digits)
    moments = list(epochs(trials, digits))
    assert [moment.epoch for moment in moments] == [0, 1, 2, 3]
    for i, outcome in enumerate(whole):
        rows = [row for m in moments for j, row in zip(m.alive, m.rows, strict=True) if j == i]
        assert tuple(rows) == outcome.epochs
    left = epochs(trials, digits)
    assert next(left).rows == moments[0].rows
    left.close()
    with np.errstate(over="raise"):  # what the training ignores is not ignored between its epochs
        assert {np.geterr()["over"] for _ in epochs(trials, digits)} == {"raise"}
