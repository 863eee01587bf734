"""Rows on units that are copies and gradients that are exactly 0; if there are any, what a few steps make of them."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from fanin.adapters.torch._data import Batch
from fanin.adapters.torch._guard import guard
from fanin.adapters.torch._loss import noise, outputs
from fanin.adapters.torch._pass import Pass, execute, gradients
from fanin.adapters.torch._statistics import real
from fanin.adapters.torch._unlock import Unlocked, replace_numbers, unlock
from fanin.adapters.torch._weights import Array, distinct_share, units
from fanin.errors import InputError
from fanin.values import Param, Row

_FEW, _MANY = 4, 16  # samples that tell whether units part
_LARGE = 20_000_000  # parameters whose doubles would take more memory than a training step does


def unit_rows(run: Pass, zero: Mapping[str, bool]) -> Iterator[Row]:
    """Which units differ and which weights get a gradient; after some steps too, if either is in doubt.

    Args:
        run: a model that has run.
        zero: by name of the parameter, whether its gradient is exactly 0 now.
    """
    weights = dict(_weights(run))
    before = {param.path: distinct_share(_start(run, name, param)) for name, param in weights.items()}
    found = Unlocked(dict.fromkeys(zero, 0.0), {path: before[path] for path in before if path in run.trained})
    if any(zero.values()) or any(share < 1 for share in found.distinct.values()):
        copied = {n: p for n, p in weights.items() if before[p.path] < 1 and p.path in run.trained}
        after = _descended(run, copied) or Unlocked({}, {})
        steps = {path: step if zero.get(path, True) else 0.0 for path, step in after.steps.items()}  # of few samples
        found = Unlocked(steps, {**found.distinct, **after.distinct})
    for name, param in weights.items():
        yield Row(name, "weight", "distinct_rows", before[param.path])
        if param.path in found.distinct:
            yield Row(name, "weight", "distinct_after", found.distinct[param.path])
    for node in run.traced.graph.nodes:
        if node.params and node.params[0] in found.steps:
            yield Row(node.name, "backward", "unlocks", found.steps[node.params[0]])


def _weights(run: Pass) -> Iterator[tuple[str, Param]]:
    """The weight of each layer that has units, under its first use."""
    by_path, seen = {param.path: param for param in run.traced.params}, set()
    for node in run.traced.graph.of_kind("layer"):
        param = next((by_path[path] for path in node.params if path in by_path), None)
        if param and param.role == "weight" and "in" in param.axes and param.path in run.parameters:
            if param.path not in seen and param.size("out") > 1:
                yield node.name, param
            seen.add(param.path)


def _start(run: Pass, node: str, param: Param) -> Array:
    """What tells units apart: their weights, and their bias if there is one."""
    stack = units(run.parameters[param.path], param)
    for path in run.traced.graph.by_name[node].params[1:]:
        bias = run.parameters[path].detach()
        if bias.shape == (stack.shape[1],) and len(stack) == 1:
            return np.concatenate([stack, real(bias).double().cpu().numpy().reshape(1, stack.shape[1], -1)], axis=2)
    return stack


def _descended(run: Pass, copied: Mapping[str, Param]) -> Unlocked | None:
    """After some steps on a part of the batch: in double precision, or where that won't run or is too large, as it is.

    Args:
        run: a model that has run.
        copied: trained weights that have copies among their units, by name of the node.
    """
    if not all(bool(torch.isfinite(parameter).all()) for parameter in run.parameters.values()):
        return None
    part = run.batch.part(slice(0, max(_FEW, min(_MANY, run.batch.samples // 4))))
    weights = {param.path: param for param in copied.values()}
    start = {param.path: _start(run, name, param) for name, param in copied.items()}
    size = sum(parameter.numel() for parameter in run.parameters.values())
    for dtype in (torch.float64, None) if size < _LARGE else (None,):
        with guard(run.model, copies=False):
            if dtype:
                replace_numbers(run.model, dtype)
            batch = part.to(dtype) if dtype else part
            try:
                return unlock(run.trained, weights, start, lambda batch=batch: _gradients(run, batch))  # type: ignore[misc]
            except InputError:
                continue  # a type that the model insists on
    return None


def _gradients(run: Pass, batch: Batch) -> dict[str, Tensor | None]:
    """Of a random projection of the outputs to all parameters, the same projection at every step."""
    torch.manual_seed(run.seed)
    results = [result for result in outputs(execute(run.model, batch).result) if result.requires_grad]
    return gradients([*zip(results, noise(results, run.seed), strict=True)], run.trained) if results else {}
