"""Makes random inputs as a model wants them: on its device, in its precision, reproducible."""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a model may be called with, and how to say it in words."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    words: str = ""


class Maker:
    """Batches of `samples` standard-normal numbers or ids."""

    def __init__(self, model: nn.Module, samples: int, seed: int) -> None:
        self.model = model
        self.samples = samples
        self.random = torch.Generator().manual_seed(seed)
        first = next((p for p in model.parameters() if p.is_floating_point()), torch.zeros(()))
        self.dtype, self.device = first.dtype, first.device

    def normal(self, shape: tuple[int, ...]) -> Tensor:
        """(samples, *shape) standard-normal numbers."""
        if self.device.type == "meta":
            return torch.empty((self.samples, *shape), dtype=self.dtype, device="meta")
        return torch.randn((self.samples, *shape), generator=self.random).to(self.device, self.dtype)

    def ids(self, limit: int, shape: tuple[int, ...]) -> Tensor:
        """(samples, *shape) integers from 0 to limit - 1."""
        drawn = torch.randint(max(limit, 1), (self.samples, *shape), generator=self.random)
        return drawn.to(self.device)

    def table_limit(self) -> int | None:
        """Rows of the smallest table that the first layer may look up; None if the first layer is no table."""
        modules = [m for m in self.model.modules() if next(m.parameters(recurse=False), None) is not None]
        if not modules or not isinstance(modules[0], (nn.Embedding, nn.EmbeddingBag)):
            return None
        return modules[0].num_embeddings
