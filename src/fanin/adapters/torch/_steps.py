"""Steps of optimisers on stacked parameters, each slice with a rate of its own; the definitions are torch.optim's."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

MOMENTUM, BETAS, EPSILON, DECAY = 0.9, (0.9, 0.999), 1e-8, 0.01

Tensors = dict[str, Tensor]
Step = Callable[[Tensors, Mapping[str, Tensor]], None]
"""Moves parameters in place by their gradients."""


def one_by_one(name: str, model: nn.Module, rate: float, factors: Mapping[str, float]) -> torch.optim.Optimizer:
    """PyTorch's own optimiser, for one model; factors on the rate by parameter."""
    parameters = [
        {"params": [p], "lr": rate * factors.get(key, 1.0)} for key, p in model.named_parameters() if p.requires_grad
    ]
    match name:
        case "adam":
            return torch.optim.Adam(parameters, lr=rate, betas=BETAS, eps=EPSILON)
        case "adamw":
            return torch.optim.AdamW(parameters, lr=rate, betas=BETAS, eps=EPSILON, weight_decay=DECAY)
        case _:
            return torch.optim.SGD(parameters, lr=rate, momentum=MOMENTUM if name == "momentum" else 0.0)


class Stepper:
    """The same for a stack; rates of every parameter, one per slice."""

    def __init__(self, name: str, rates: Tensors, parameters: Tensors) -> None:
        self._name, self._rates, self._steps = name, rates, 0
        states = {"sgd": 0, "momentum": 1}.get(name, 2)
        self._states = [{key: torch.zeros_like(p) for key, p in parameters.items()} for _ in range(states)]

    def keep(self, alive: Tensor) -> None:
        """Go on with some slices."""
        self._rates = {key: value[alive] for key, value in self._rates.items()}
        self._states = [{key: value[alive] for key, value in state.items()} for state in self._states]

    def __call__(self, parameters: Tensors, gradients: Mapping[str, Tensor]) -> None:
        """One step, in place."""
        self._steps += 1
        for key, gradient in gradients.items():
            rate = self._rates[key].to(gradient.dtype).view(-1, *(1,) * (gradient.ndim - 1))
            parameter = parameters[key]
            if self._name in ("adam", "adamw"):
                self._adam(key, parameter, gradient, rate)
            elif self._name == "momentum":
                parameter.sub_(self._states[0][key].mul_(MOMENTUM).add_(gradient).mul(rate))
            else:
                parameter.sub_(gradient * rate)

    def _adam(self, key: str, parameter: Tensor, gradient: Tensor, rate: Tensor) -> None:
        first, second = (state[key] for state in self._states)
        if self._name == "adamw":
            parameter.mul_(1 - rate * DECAY)
        first.lerp_(gradient, 1 - BETAS[0])
        second.mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
        root = (second.sqrt() / (1 - BETAS[1] ** self._steps) ** 0.5).add_(EPSILON)
        parameter.sub_(first / root * (rate / (1 - BETAS[0] ** self._steps)))
