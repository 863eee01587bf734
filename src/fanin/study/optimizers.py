"""Steps of stochastic optimisers on stacks of networks, each with a rate of its own, as PyTorch defines them.

A step takes gradients that lie in a leading axis of trials and moves the parameters in place. Plain gradient descent is
not here: `train` folds its rate into the backward pass.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.values.trial import Optimizer

Array = NDArray[Any]

MOMENTUM = 0.9
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
DECAY = 0.01
"""Of adamw: the parameters shrink by 1 - rate·DECAY per step."""


class Stepper:
    """One optimiser's state for a stack of parameters; slices that have diverged are let go by `keep`."""

    def __init__(self, name: Optimizer, parameters: Sequence[Array]) -> None:
        self._name = name
        self._parameters = list(parameters)
        self._first = [np.zeros_like(p) for p in parameters]
        self._second = [np.zeros_like(p) for p in parameters] if name in ("adam", "adamw") else []
        self._steps = 0

    def keep(self, alive: NDArray[np.bool_], parameters: Sequence[Array]) -> None:
        """Go on with some trials; `parameters` are theirs."""
        self._parameters = list(parameters)
        self._first = [state[alive] for state in self._first]
        self._second = [state[alive] for state in self._second]

    def __call__(self, gradients: Sequence[Array], rates: Array) -> None:
        """One step: gradients of the parameters in their order, one rate per trial."""
        self._steps += 1
        for i, gradient in enumerate(gradients):
            rate = rates.reshape(-1, *(1,) * (gradient.ndim - 1)).astype(gradient.dtype)
            if self._name == "momentum":
                self._polyak(i, gradient, rate)
            else:
                self._adam(i, gradient, rate)

    def _polyak(self, i: int, gradient: Array, rate: Array) -> None:
        """v <- 0.9 v + g; w <- w - rate v (Polyak 1964, as in torch.optim.SGD)."""
        velocity = self._first[i]
        velocity *= MOMENTUM
        velocity += gradient
        self._parameters[i] -= rate * velocity

    def _adam(self, i: int, gradient: Array, rate: Array) -> None:
        """Kingma and Ba 2015 (arXiv:1412.6980) algorithm 1; decay as Loshchilov and Hutter 2019, algorithm 2."""
        first, second = self._first[i], self._second[i]
        first += (1 - BETA_1) * (gradient - first)
        second *= BETA_2
        second += (1 - BETA_2) * gradient * gradient
        if self._name == "adamw":
            self._parameters[i] *= 1 - rate * DECAY
        root = np.sqrt(second / (1 - BETA_2**self._steps)) + EPSILON
        self._parameters[i] -= rate / (1 - BETA_1**self._steps) * first / root
