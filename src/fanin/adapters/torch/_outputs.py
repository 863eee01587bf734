"""The tensors that a model's result consists of."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

_BESIDE = {"loss", "past_key_values", "hidden_states", "attentions", "encoder_last_hidden_state", "cross_attentions"}


def outputs_of(result: Any) -> Iterator[Tensor]:
    """All floating tensors of a result, in order; of a mapping with logits, those alone."""
    if isinstance(result, Tensor):
        if result.is_floating_point() or result.is_complex():
            yield result
    elif isinstance(result, Mapping):
        logits = [key for key in result if "logits" in str(key) and result[key] is not None]
        for key in logits or [key for key in result if key not in _BESIDE]:
            yield from outputs_of(result[key])
    elif isinstance(result, (list, tuple)):
        for item in result:
            yield from outputs_of(item)
    elif dataclasses.is_dataclass(result) and not isinstance(result, type):
        for field in dataclasses.fields(result):
            yield from outputs_of(getattr(result, field.name))
