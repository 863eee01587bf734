"""A small transformer over letters, as GPT-2: norms in front, GELU, learned positions; the output layer is its own."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fanin.errors import InputError

LETTERS, CONTEXT = 28, 32
HEAD = 8
"""Units of a head: a wider model has more heads, so that attention's scale does not change with the width."""


class Block(nn.Module):
    """Attention to the letters before, then a feed-forward layer; each adds to the stream."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.project = nn.Linear(width, width)
        self.grow, self.shrink = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Of (n, letters, width), the same."""
        normed = self.norm_1(x)
        query, key, value = (_split(layer(normed)) for layer in (self.query, self.key, self.value))
        later = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).triu(1)
        scores = (query @ key.transpose(-2, -1) / HEAD**0.5).masked_fill(later, -torch.inf)
        x = x + self.project((scores.softmax(-1) @ value).transpose(1, 2).flatten(2))
        added: Tensor = x + self.shrink(F.gelu(self.grow(self.norm_2(x))))
        return added


def _split(x: Tensor) -> Tensor:
    """(n, heads, letters, units of a head)."""
    return x.reshape(*x.shape[:-1], -1, HEAD).transpose(1, 2)


class CharTransformer(nn.Module):
    """Tables of letters and places, blocks, a norm, an output layer."""

    def __init__(self, depth: int, width: int) -> None:
        super().__init__()
        self.letters, self.places = nn.Embedding(LETTERS, width), nn.Embedding(CONTEXT, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, LETTERS, bias=False)

    def forward(self, ids: Tensor) -> Tensor:
        """Of letters (n, letters), what comes next: (n, letters, 28)."""
        x = self.letters(ids) + self.places(torch.arange(ids.shape[1], device=ids.device))
        for block in self.blocks:
            x = block(x)
        result: Tensor = self.head(self.norm(x))
        return result


def char_transformer(depth: int = 2, width: int = 32) -> nn.Module:
    """`depth` blocks of `width` units, heads of 8.

    Raises:
        InputError: the width is no multiple of 8.
    """
    if width % HEAD:
        raise InputError(f"char_transformer: width {width}; expected a multiple of {HEAD}")
    return CharTransformer(depth, width)
