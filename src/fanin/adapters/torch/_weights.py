"""Rows of the weights themselves, which of them are clones, and whether they were trained."""

import math
from collections.abc import Iterator, Mapping, Sequence
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
_HEAVY = 3.6  # kurtosis: 3 is normal, and no usual scheme is above
_FEWEST = 2000  # entries: the kurtosis of normal ones is good to 0.11 then
_BATCHES = 100  # fewer are no training


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
    some = _some(known)
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
            groups.setdefault((tensor.shape, tensor.dtype, _some(tensor.detach())[:64].tobytes()), []).append(name)
    found = []
    for names in groups.values():
        first = parameters[names[0]].detach()
        if len(names) > 1 and len(np.unique(_some(first))) > min(8, first.numel() / 2):
            same = [n for n in names if _is_clone(first, parameters[n].detach())]
            found += [(names[0], *same)] if same else []
    return tuple(found)


def _is_clone(first: Tensor, other: Tensor) -> bool:
    return first.data_ptr() != other.data_ptr() and torch.equal(first, other)


def is_trained(model: nn.Module, weights: Sequence[Tensor]) -> bool:
    """Whether running statistics have moved, or most weights have tails that no usual scheme draws.

    Trained weights have kurtoses of 3.6 and more in most layers; fresh ones at most 3, whatever their scale. A few
    batches that a BatchNorm layer has seen are no training.
    """
    norms = [module for module in model.modules() if isinstance(module, nn.modules.batchnorm._NormBase)]
    if norms and all(_has_moved(norm) for norm in norms if norm.running_var is not None and norm.affine):
        return any(norm.running_var is not None for norm in norms)
    dense = (weight.detach() for weight in weights if weight.numel() >= _FEWEST)
    heavy = [kurtosis(_some(weight))[0] > _HEAVY for weight in dense if _is_dense(weight)]
    return len(heavy) >= 3 and sum(heavy) > 0.6 * len(heavy)


def _has_moved(norm: Any) -> bool:
    seen = int(norm.num_batches_tracked) if norm.num_batches_tracked is not None else 0
    moved = bool((norm.running_var != 1).any()) and bool((norm.running_mean != 0).any())
    return moved and (seen == 0 or seen >= _BATCHES)


def _is_dense(weight: Tensor) -> bool:
    """Random entries, few of them zeros and not all of one sign: no identity, no Dirac kernel, no sparse or |draw|."""
    some = _some(weight)
    is_random = bool(np.all(np.isfinite(some))) and float(np.mean(some == 0)) < 0.1
    return is_random and float(np.std(some)) > abs(float(np.mean(some)))


def _some(tensor: Tensor) -> Array:
    """Evenly spaced entries, enough for a moment."""
    tensor = real(tensor)
    flat = tensor.reshape(-1) if tensor.is_contiguous() else tensor.flatten()
    return np.asarray(flat[:: -(-flat.numel() // _SOME) or 1].double().cpu().numpy())
