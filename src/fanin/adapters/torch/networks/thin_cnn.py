"""A thin and deep convolutional network without norms, in the manner of FitNets."""

from itertools import pairwise

from torch import nn

from fanin.errors import UnknownName

_STAGES = 3
_ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


def thin_cnn(depth: int = 12, width: int = 8, activation: str = "relu") -> nn.Module:
    """`depth` convolutions of 3 x 3, halved in size between three stages; then the mean over the image, ten classes."""
    if activation not in _ACTIVATIONS:
        raise UnknownName("activation of thin_cnn", activation, _ACTIVATIONS)
    ends = [round(depth * stage / _STAGES) for stage in range(_STAGES + 1)]
    layers: list[nn.Module] = []
    for stage, (first, last) in enumerate(pairwise(ends)):
        for i in range(first, last):
            layers += [nn.Conv2d(width if i else 1, width, 3, padding=1), _ACTIVATIONS[activation]()]
        layers += [nn.MaxPool2d(2)] if stage < _STAGES - 1 else []
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width if depth else 1, 10))
