"""What is written down of a stack of networks after each epoch."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.adapters.numpy import Network, backward, forward, loss, output_delta, respond
from fanin.study.datasets import Dataset, one_hot, scaled
from fanin.study.outcome import Epoch
from fanin.values import Trial, codec

Array = NDArray[Any]

TRAIN_LOOKED_AT = 2_500
"""Training examples that loss and accuracy are measured on; the standard error at 90 % is 0.6 points."""
PROBE = 500
"""Examples of the probe batch, and of each block that accuracy is counted in."""


class Measure:
    """Measures networks of one trial's shape against their starting weights, on fixed examples."""

    def __init__(self, trial: Trial, start: Network, data: Dataset) -> None:
        seen = min(trial.train, TRAIN_LOOKED_AT)
        self._trial = trial
        self._start = [weight.copy() for weight in start.weights]
        self._train = scaled(data.x_train[:seen], trial.dtype)
        self._train_labels = data.y_train[:seen]
        self._targets = one_hot(self._train_labels, data.classes, trial.dtype)
        self._test = scaled(data.x_test[: trial.test], trial.dtype)
        self._test_labels = data.y_test[: trial.test]
        held = slice(trial.train, trial.train + trial.validation)
        self._held = scaled(data.x_train[held], trial.dtype)
        self._held_labels = data.y_train[held]
        self._held_targets = one_hot(self._held_labels, data.classes, trial.dtype)

    def keep(self, alive: NDArray[np.bool_]) -> None:
        """Go on with some networks of the stack."""
        self._start = [weight[alive] for weight in self._start]

    def __call__(self, network: Network, epoch: int) -> list[Epoch]:
        """One row per network of the stack, in its order."""
        gradient, saturated = self._probe(network)
        cost, train_accuracy = self._score(network, self._train, self._train_labels, self._targets)
        _, accuracy = self._score(network, self._test, self._test_labels)
        held = self._score(network, self._held, self._held_labels, self._held_targets) if len(self._held) else None
        moved = [_norm(w - w0) / _norm(w0) for w, w0 in zip(network.weights, self._start, strict=True)]
        return [
            Epoch(
                epoch,
                codec.finite(cost[i]),
                float(train_accuracy[i]),
                float(accuracy[i]),
                _at(gradient, i),
                _at(saturated, i),
                _at(moved, i),
                validation_loss=None if held is None else codec.finite(held[0][i]),
                validation_accuracy=None if held is None else float(held[1][i]),
            )
            for i in range(cost.size)
        ]

    def _probe(self, network: Network) -> tuple[list[Array], list[Array]]:
        signals = forward(network, self._train[:PROBE])
        delta = output_delta(self._trial.loss, network, signals, self._targets[:PROBE])
        gradients = backward(network, signals, delta / delta.shape[-2])
        saturated = [network.phi(i).saturated(a).mean(axis=(-2, -1)) for i, a in enumerate(signals.a)]
        return [_norm(g) / math.sqrt(g[0].size) for g in gradients.weights], saturated

    def _score(self, network: Network, x: Array, labels: Array, targets: Array | None = None) -> tuple[Array, Array]:
        """Mean loss (0 without targets) and accuracy, block by block so that the activations stay in the cache."""
        cost = np.zeros(network.weights[0].shape[:-2])
        right = np.zeros_like(cost)
        for first in range(0, len(x), PROBE):
            block = slice(first, first + PROBE)
            output = respond(network, x[block])
            right += np.sum(output.argmax(axis=-1) == labels[block], axis=-1)
            if targets is not None:
                cost += loss(self._trial.loss, output, targets[block]).astype(np.float64) * output.shape[-2]
        return cost / len(x), right / len(x)


def _at(layers: Sequence[Array], trial: int) -> tuple[float | None, ...]:
    return tuple(codec.finite(layer[trial]) for layer in layers)


def _norm(x: Array) -> Array:
    flat = x.reshape(*x.shape[:-2], -1)
    return np.sqrt(np.sum(flat * flat, axis=-1, dtype=np.float64))
