"""Rows of the weights themselves, and which of them are clones."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fanin.adapters.copies import distinct
from fanin.adapters.rows import kurtosis, tiny
from fanin.adapters.torch._statistics import real
from fanin.values import Param, Row

Array = NDArray[Any]

_SOME = 2**18  # entries that tell a fourth moment


def weight_rows(name: str, weight: Tensor) -> Iterator[Row]:
    """Moments of the finite entries, in at least single precision."""
    weight = real(weight.detach())
    low, high = (float(end) for end in torch.aminmax(weight))
    known = weight if math.isfinite(low) and math.isfinite(high) else weight[torch.isfinite(weight)]
    yield Row(name, "weight", "finite", known.numel() / weight.numel())
    if not known.numel():
        return
    known = known.float() if known.element_size() < 4 else known
    std, mean = (float(value) for value in torch.std_mean(known, correction=0))
    yield Row(name, "weight", "mean", mean, std / math.sqrt(known.numel()))
    yield Row(name, "weight", "std", std, std / math.sqrt(2 * known.numel()))
    yield Row(name, "weight", "min", low if known is weight else float(known.min()))
    yield Row(name, "weight", "max", high if known is weight else float(known.max()))
    yield Row(name, "weight", "zeros", 1 - int(torch.count_nonzero(known)) / known.numel())
    some = some_of(known)
    yield Row(name, "weight", "tiny", tiny(some))
    if 0 < std < math.inf:
        yield Row(name, "weight", "kurtosis", *kurtosis(some))


def bias_rows(name: str, bias: Tensor) -> Iterator[Row]:
    """The same of a bias, in brief."""
    bias = real(bias.detach())
    known = bias[torch.isfinite(bias)].double()
    yield Row(name, "weight", "bias_finite", known.numel() / max(bias.numel(), 1))
    if known.numel():
        std, mean = (float(value) for value in torch.std_mean(known, correction=0))
        yield Row(name, "weight", "bias_mean", mean, std / math.sqrt(known.numel()))
        yield Row(name, "weight", "bias_std", std)


def forget_bias(name: str, module: nn.Module) -> Iterator[Row]:
    """Mean bias of an LSTM's forget gates, both of its biases added (gates stand in the order i, f, g, o)."""
    biases = [getattr(module, f"bias_{which}{end}", None) for which in ("ih", "hh") for end in ("_l0", "")]
    total = [bias.detach().double() for bias in biases if isinstance(bias, Tensor)]
    if total:
        yield Row(name, "weight", "forget_bias", float(torch.stack(total).sum(0).chunk(4)[1].mean()))


def units(weight: Tensor, param: Param) -> Array:
    """The weights of each unit: (copies, units, weights per unit), in double precision, in memory of its own."""
    canonical = weight.detach().permute(param.canonical_axes).reshape(param.size("batch"), param.size("out"), -1)
    return np.array(real(canonical).double().cpu().numpy())


def distinct_share(stack: Array, tolerance: float = 1e-6) -> float:
    """Share of distinct units, on average over the copies (experts, heads)."""
    return float(np.mean([distinct(rows, tolerance) for rows in stack]))


def clones(parameters: Mapping[str, Tensor]) -> tuple[tuple[str, ...], ...]:
    """Names of trained weights that are equal entry by entry, and not the same memory nor constant, in groups."""
    groups: dict[Any, list[str]] = {}
    for name, tensor in parameters.items():
        if tensor.requires_grad and tensor.ndim > 1:
            groups.setdefault((tensor.shape, tensor.dtype, some_of(tensor.detach())[:64].tobytes()), []).append(name)
    found = []
    for names in groups.values():
        first = parameters[names[0]].detach()
        if len(names) > 1 and len(np.unique(some_of(first))) > min(8, first.numel() / 2):
            same = [n for n in names if _is_clone(first, parameters[n].detach())]
            found += [(names[0], *same)] if same else []
    return tuple(found)


def _is_clone(first: Tensor, other: Tensor) -> bool:
    return first.data_ptr() != other.data_ptr() and torch.equal(first, other)


def some_of(tensor: Tensor) -> Array:
    """Evenly spaced entries, enough for a moment."""
    tensor = real(tensor)
    flat = tensor.reshape(-1) if tensor.is_contiguous() else tensor.flatten()
    return np.asarray(flat[:: -(-flat.numel() // _SOME) or 1].double().cpu().numpy())
