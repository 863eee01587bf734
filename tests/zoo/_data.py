"""Data that small networks learn in a few hundred steps: digits as rows and as images, a text of a Markov chain."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from fanin.study import datasets


@lru_cache
def _digits() -> tuple[Tensor, Tensor]:
    found = datasets.load("digits")
    x = (found.x_train - found.x_train.mean()) / found.x_train.std()
    return torch.from_numpy(x.astype(np.float32)), torch.from_numpy(found.y_train.astype(np.int64))


def digits(count: int) -> tuple[Tensor, Tensor]:
    """(count, 64) of mean 0 and std 1, and labels from 0 to 9."""
    x, y = _digits()
    return x[:count], y[:count]


def images(count: int) -> tuple[Tensor, Tensor]:
    """The same as (count, 1, 16, 16)."""
    x, y = digits(count)
    return x.reshape(-1, 1, 8, 8).repeat_interleave(2, 2).repeat_interleave(2, 3), y


def rgb(count: int) -> tuple[Tensor, Tensor]:
    """The same as (count, 3, 32, 32)."""
    x, y = images(count)
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3).repeat(1, 3, 1, 1), y


def rows(count: int) -> tuple[Tensor, Tensor]:
    """The images as sequences of 16 rows: (count, 16, 16)."""
    x, y = images(count)
    return x.squeeze(1), y


def copies(count: int) -> tuple[Tensor, Tensor]:
    """Digits that are to be reproduced."""
    x, _ = digits(count)
    return x, x


def picture(count: int) -> tuple[Tensor, Tensor]:
    """Coordinates in [-1, 1]^2 and the brightness there, of one image."""
    generator = torch.Generator().manual_seed(0)
    x = 2 * torch.rand(count, 2, generator=generator) - 1
    return x, torch.sin(8 * x[:, :1]) * torch.cos(6 * x[:, 1:])


def noise(count: int) -> tuple[Tensor, Tensor]:
    """Codes (count, 32) and standard-normal images (count, 1, 16, 16) to go with them."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(count, 32, generator=generator), torch.randn(count, 1, 16, 16, generator=generator).tanh()


@lru_cache
def _text(vocabulary: int) -> Tensor:
    random = np.random.default_rng(0)
    step = random.dirichlet(np.full(vocabulary, 0.05), vocabulary).cumsum(axis=1)
    letters, letter = [], 0
    for u in random.random(40_000):
        letter = min(int(np.searchsorted(step[letter], u)), vocabulary - 1)
        letters.append(letter)
    return torch.tensor(letters)


def text(count: int) -> tuple[Tensor, Tensor]:
    """(count, 32) letters of a Markov chain over 48, and the letters that follow."""
    windows = _text(48)[: count * 33].reshape(count, 33)
    return windows[:, :-1], windows[:, 1:]


def sentences(count: int) -> tuple[Tensor, Tensor]:
    """(count, 32) letters, and whether the first half is from another chain."""
    x, _ = text(count)
    y = torch.arange(count) % 2
    return torch.where((y[:, None] == 1) & (x % 2 == 0), x + 1, x) % 48, y
