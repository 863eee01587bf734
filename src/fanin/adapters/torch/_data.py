"""A batch in any of its forms, as the arguments of a model and its targets."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from fanin.adapters.torch._inputs import run_once
from fanin.adapters.torch._maker import Maker
from fanin.errors import InputError


@dataclass(frozen=True, slots=True)
class Batch:
    """Arguments of a model, its targets if there are any, and what to call them.

    Attributes:
        samples: length of the first axis of the first tensor.
    """

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    target: Any
    words: str

    @property
    def samples(self) -> int:
        """Size of the batch."""
        return next((len(tensor) for tensor in tensors((self.args, self.kwargs)) if tensor.ndim), 1)

    def part(self, samples: slice) -> "Batch":
        """Some samples alone."""
        whole = self.samples

        def cut(tensor: Tensor) -> Tensor:
            return tensor[samples] if tensor.ndim and len(tensor) == whole else tensor

        args, kwargs, target = map_tensors(cut, (self.args, self.kwargs, self.target))
        return replace(self, args=args, kwargs=kwargs, target=target)

    def to(self, dtype: torch.dtype) -> "Batch":
        """Floating-point tensors in another precision."""

        def cast(tensor: Tensor) -> Tensor:
            return tensor.to(dtype) if tensor.is_floating_point() else tensor

        args, kwargs, target = map_tensors(cast, (self.args, self.kwargs, self.target))
        return replace(self, args=args, kwargs=kwargs, target=target)


def read(batch: Any, model: nn.Module, *, has_loss: bool) -> Batch:
    """A tensor or array; a mapping of keyword arguments; (inputs, targets); several inputs; or a DataLoader's first.

    Of a pair, the second are the targets, unless the model takes two inputs and no loss asks for any. If the first are
    several inputs themselves, the second are targets in any case.

    Raises:
        InputError: empty, not finite, or no numbers; names that forward does not take.
    """
    if not isinstance(batch, (Tensor, np.ndarray, tuple, list, Mapping)) and hasattr(batch, "__iter__"):
        batch = next(iter(batch), None)
    place = next((p for p in model.parameters()), torch.empty(0))
    target = None
    if (
        isinstance(batch, (tuple, list))
        and len(batch) == 2
        and (has_loss or _is_several(batch[0]) or not _takes(model))
    ):
        batch, target = batch
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = {}
    if isinstance(batch, Mapping):
        kwargs = {str(name): value for name, value in batch.items()}
    else:
        args = tuple(batch) if isinstance(batch, (tuple, list)) else (batch,)
    args, kwargs, target = (_tensors(value, place) for value in (args, kwargs, target))
    read = Batch(args, kwargs, target, "")
    _verify(read)
    _verify_names(model, kwargs)
    read = replace(read, args=_as_taken(model, args))
    return replace(read, words=f"{read.samples} input{'' if read.samples == 1 else 's'}")


def _is_several(value: Any) -> bool:
    return isinstance(value, (tuple, list, Mapping))


def _takes(model: nn.Module) -> bool:
    """Whether forward has two required arguments, for two tensors."""
    required = [
        p for p in _parameters(model) if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    return len(required) >= 2


def _parameters(model: nn.Module) -> list[inspect.Parameter]:
    """What forward takes; nothing if that can't be told."""
    try:
        return list(inspect.signature(model.forward).parameters.values())
    except (TypeError, ValueError):
        return []


def _tensors(value: Any, place: Tensor) -> Any:
    """The same with arrays as tensors, where the model is; floating point in its precision."""
    if isinstance(value, (np.ndarray, np.generic)):
        if value.dtype.kind not in "fiub":
            raise InputError(f"the data have type {value.dtype}; expected numbers")
        value = torch.from_numpy(np.ascontiguousarray(value)) if value.ndim else torch.tensor(value.item())
    if isinstance(value, Tensor):
        value = value.detach().to(place.device)
        return value.to(place.dtype) if value.is_floating_point() and place.is_floating_point() else value
    if isinstance(value, Mapping):
        return {name: _tensors(item, place) for name, item in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(_tensors(item, place) for item in value) if type(value) in (tuple, list) else value
    return value


def _verify(batch: Batch) -> None:
    found = list(tensors((batch.args, batch.kwargs)))
    if not found:
        given = ", ".join(type(value).__name__ for value in (*batch.args, *batch.kwargs.values()))
        raise InputError(f"the batch holds no tensor (got {given or 'nothing'}); expected tensors or arrays of numbers")
    for tensor in (*found, *tensors(batch.target)):
        if not tensor.numel():
            raise InputError(f"the batch is empty: a tensor has shape {tuple(tensor.shape)}")
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            count = int((~torch.isfinite(tensor)).sum())
            raise InputError(f"the data hold {count} NaN or infinite values; clean them first")


def _verify_names(model: nn.Module, given: Mapping[str, Any]) -> None:
    """Arrays by name are arguments of forward."""
    taken = _parameters(model)
    names = [p.name for p in taken if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    if taken and not set(given) <= set(names) and not any(p.kind == p.VAR_KEYWORD for p in taken):
        raise InputError(
            f"the data hold {', '.join(given)}; expected x, and y for the targets; or what {type(model).__name__} "
            f"takes by name: {', '.join(names) or 'nothing'}"
        )


def _as_taken(model: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Whole numbers, such as pixels, in the model's precision, if it looks nothing up and doesn't run on them."""
    make = Maker(model, 1, 0)
    given = tensors(args)
    if not given or any(tensor.is_floating_point() or tensor.is_complex() for tensor in given):
        return args
    if make.table_limit() is not None:
        return args
    try:
        run_once(model, args, {})
    except Exception:  # noqa: BLE001  whatever it raises says that it takes something else
        return cast("tuple[Any, ...]", map_tensors(lambda tensor: tensor.to(make.dtype), args))
    return args


def tensors(value: Any) -> "list[Tensor]":
    """All tensors in nested tuples, lists and mappings, in order."""
    found: list[Tensor] = []
    map_tensors(found.append, value)
    return found


def map_tensors(function: Any, value: Any) -> Any:
    """The same with a function applied to every tensor."""
    if isinstance(value, Tensor):
        return function(value)
    if isinstance(value, Mapping):
        return {name: map_tensors(function, item) for name, item in value.items()}
    if type(value) in (tuple, list):
        return type(value)(map_tensors(function, item) for item in value)
    return value
