"""SIREN: layers of sines, from coordinates to brightness."""

from itertools import pairwise

import torch
from torch import Tensor, nn

OMEGA = 30.0


class Sines(nn.Module):
    """sin(omega (W x + b)), layer after layer, and a linear output."""

    def __init__(self, widths: list[int]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

    def forward(self, x: Tensor) -> Tensor:
        """Of points (n, 2), (n, 1)."""
        *hidden, last = self.layers
        for layer in hidden:
            x = torch.sin(OMEGA * layer(x))
        result: Tensor = last(x)
        return result


def sines(depth: int = 3, width: int = 64) -> nn.Module:
    """From two coordinates to one number, by `depth` layers of sines."""
    return Sines([2, *[width] * depth, 1])
