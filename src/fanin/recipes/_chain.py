"""Layers in a row with nothing but an activation between them: at what level a signal survives all of them."""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from fanin.errors import UnknownName
from fanin.theory import chi_1, variance_map
from fanin.values.activation import activation

_GRID = np.geomspace(1e-3, 1.0, 46)
_EXACT = 1e-6  # a slope this near to 1 is 1


@lru_cache(maxsize=1024)
def activated(name: str, level: float) -> float:
    """E phi(sqrt(level) z)²; an activation that isn't in the table is taken to keep its level."""
    try:
        return float(variance_map(name, level, 1.0)) or level
    except UnknownName:
        return level


def is_known(name: str) -> bool:
    """Whether it is told what an activation makes of a level."""
    try:
        activation(name)
    except UnknownName:
        return False
    return True


class Chain(NamedTuple):
    """How layers work that have nothing but an activation between them: level of their outputs, variance of biases."""

    level: float
    bias: float = 0.0


@lru_cache(maxsize=1024)
def chain(name: str, layers: int) -> Chain:
    """The level at which a signal survives so many layers, there and back.

    Weights of variance level / E phi² keep the level. The gradient's mean square has the factor chi = level E phi'² /
    E phi² per layer; a deviation from the level has the slope of the variance map. ReLU has 1 for both, at every level.
    Tanh and its kin have chi > 1, less the lower the level: the largest level up to 1 is taken at which the gradient
    changes by at most e over all layers. GELU and its kin have a slope > 1: where a deviation would grow by more than
    e, the weights get the variance at which the slope is 1, and biases what is then missing.
    """
    try:
        phi = activation(name)
    except UnknownName:
        return Chain(1.0)
    slope = (activated(name, 1.001) - activated(name, 0.999)) / 0.002 / activated(name, 1.0)
    if slope > 1 + _EXACT:
        return Chain(1.0) if layers * math.log(slope) <= 1 else Chain(1.0, 1 - 1 / slope)
    for level in map(float, _GRID[::-1]):
        chi = chi_1(phi, level, level / activated(name, level))
        if layers * abs(math.log(chi)) <= 1:
            return Chain(level)
    return Chain(1.0)
