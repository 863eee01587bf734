"""All trials of one shape train together: one batched computation, whose leading axis counts the trials.

Every slice of a batched product is a product of its own, of a shape that the stack does not change; so a trial gives
the same bits alone and in any company.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from fanin import schemes
from fanin.adapters.numpy import Network, Signals, backward, forward, output_delta, params
from fanin.errors import InputError
from fanin.sampling import Stream
from fanin.study.datasets import Dataset, one_hot, scaled
from fanin.study.measure import Measure
from fanin.study.optimizers import Stepper
from fanin.study.outcome import Epoch, Outcome
from fanin.values import Trial, activation

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """Where a stack of trials is after an epoch; epoch 0 is before training.

    Attributes:
        epoch: counted from 0.
        alive: which of the trials have not diverged before.
        network: theirs, one slice each; it is trained on in place.
        rows: what was measured of each.
    """

    epoch: int
    alive: NDArray[np.intp]
    network: Network
    rows: list[Epoch]


def train(
    trials: Sequence[Trial], data: Dataset, report: Callable[[int], None] = lambda trials: None
) -> tuple[Outcome, ...]:
    """Train trials which differ in init, seed and learning rate alone; one that diverges is let go at that epoch.

    Args:
        trials: the stack.
        data: the examples; the first `trial.train` and `trial.test` of its parts are used.
        report: called after each epoch with the number of trials that it trained.

    Raises:
        InputError: trials that make no stack, or data of another shape.
    """
    began = time.perf_counter()
    moments = []
    for moment in epochs(trials, data):
        moments.append((moment.alive, moment.rows))
        if moment.epoch:
            report(len(trials))
    return outcomes(trials, moments, time.perf_counter() - began)


def epochs(trials: Sequence[Trial], data: Dataset) -> Iterator[Moment]:
    """The same, one epoch at a time: before training, then after each pass. It may be left at any of them.

    Raises:
        InputError: as `train`.
    """
    trial, alive = trials[0], np.arange(len(trials))
    with _steady():
        network = _stack(trials)
        x = scaled(data.x_train[: trial.train], trial.dtype)
        targets = one_hot(data.y_train[: trial.train], data.classes, trial.dtype)
        measure = Measure(trial, network, data)
        step = None if trial.optimizer == "sgd" else Stepper(trial.optimizer, network.weights + network.biases)
        rows = measure(network, 0)
    yield Moment(0, alive, network, rows)
    for epoch in range(1, trial.epochs + 1):
        with _steady():
            finite = np.array([row.loss is not None for row in rows], dtype=np.bool_)
            if not finite.all():
                alive, network = alive[finite], _part(network, finite)
                measure.keep(finite)
                if step is not None:
                    step.keep(finite, network.weights + network.biases)
            if alive.size:
                _pass(network, [trials[int(i)] for i in alive], x, targets, epoch, step)
            rows = measure(network, epoch) if alive.size else []
        yield Moment(epoch, alive, network, rows)


def outcomes(
    trials: Sequence[Trial], moments: Iterable[tuple[NDArray[np.intp], Sequence[Epoch]]], seconds: float
) -> tuple[Outcome, ...]:
    """What trials gave, from `alive` and `rows` of each moment, and the time of all together."""
    rows: list[list[Epoch]] = [[] for _ in trials]
    for alive, measured in moments:
        for i, row in zip(alive, measured, strict=True):
            rows[i].append(row)
    return tuple(_outcome(t, found, seconds / len(trials)) for t, found in zip(trials, rows, strict=True))


@contextmanager
def _steady() -> Iterator[None]:
    """One thread: the products are small, and their bits must not depend on how many there are.

    And a diverging trial overflows: that is its result, not an error, and its slices touch no others.
    """
    with threadpool_limits(1), np.errstate(all="ignore"):
        yield


def network(trial: Trial) -> Network:
    """The network of a trial before training: each parameter drawn by its own path, the same for all tasks."""
    shapes = list(zip(trial.widths[1:], trial.widths[:-1], strict=True))
    drawn = []
    for param in params(shapes, trial.activation, trial.output):
        scheme = trial.bias if param.role == "bias" else trial.init
        drawn.append(schemes.sample(scheme, param, seed=trial.seed, path=param.path, dtype=trial.dtype))
    return Network(tuple(drawn[::2]), tuple(drawn[1::2]), activation(trial.activation), activation(trial.output))


def order(seed: int, epoch: int, n: int) -> NDArray[np.intp]:
    """The order of n examples in an epoch (counted from 1): equal for all trials of a seed.

    >>> sorted(order(0, 1, 4).tolist())
    [0, 1, 2, 3]
    """
    return np.argsort(Stream(seed, f"order/{epoch}").bits(0, n), kind="stable")


def _stack(trials: Sequence[Trial]) -> Network:
    if len({replace(trial, init="", seed=0, lr=0.0) for trial in trials}) != 1:
        raise InputError("the trials of a stack may differ in init, seed and learning rate alone")
    nets = [network(trial) for trial in trials]
    weights = tuple(np.stack(layer) for layer in zip(*(net.weights for net in nets), strict=True))
    biases = tuple(np.stack(layer) for layer in zip(*(net.biases for net in nets), strict=True))
    return Network(weights, biases, nets[0].activation, nets[0].output)


def _part(network: Network, kept: NDArray[np.bool_]) -> Network:
    """Some networks of a stack."""
    weights, biases = (tuple(p[kept] for p in found) for found in (network.weights, network.biases))
    return Network(weights, biases, network.activation, network.output)


def _pass(
    network: Network, trials: Sequence[Trial], x: Array, targets: Array, epoch: int, step: Stepper | None
) -> None:
    """One pass of an optimiser over the examples, in place; without `step` by stochastic gradient descent."""
    trial, out = trials[0], [np.empty_like(w) for w in network.weights]
    rates = np.array([t.lr * t.decay ** (epoch - 1) for t in trials])
    orders = {seed: order(seed, epoch, len(x)) for seed in {t.seed for t in trials}}
    shuffled = np.stack([orders[t.seed] for t in trials])
    for first in range(0, len(x), trial.batch):
        rows = shuffled[:, first : first + trial.batch]
        signals = forward(network, x[rows])
        delta = output_delta(trial.loss, network, signals, targets[rows])
        if step is None:
            _descend(network, signals, delta, rates, trial.l2 / len(x), out)
            continue
        delta /= rows.shape[1]
        gradients = backward(network, signals, delta, out=out)
        if trial.l2:
            for gradient, weight in zip(gradients.weights, network.weights, strict=True):
                gradient += trial.l2 / len(x) * weight
        step(tuple(gradients.weights) + tuple(gradients.biases), rates)


def _descend(network: Network, signals: Signals, delta: Array, rates: Array, l2: float, out: list[Array]) -> None:
    """W <- (1 - rate·l2) W - rate·dC/dW; the rate goes into the small delta, not into the large gradients."""
    column = rates[:, None, None]
    delta *= (-column / delta.shape[-2]).astype(delta.dtype)
    gradients = backward(network, signals, delta, out=out)
    for weight, step in zip(network.weights, out, strict=True):
        if l2:
            weight *= (1 - column * l2).astype(weight.dtype)
        weight += step
    for bias, step in zip(network.biases, gradients.biases, strict=True):
        bias += step


def _outcome(trial: Trial, epochs: Sequence[Epoch], seconds: float) -> Outcome:
    return Outcome(trial, "diverged" if epochs[-1].loss is None else "done", tuple(epochs), seconds=seconds)
