"""Rows of the loss and of the gradients: of noise sent back from the outputs, and of the loss."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from fanin.adapters.torch._data import Batch
from fanin.adapters.torch._loss import named, noise, outputs, own_loss, reference
from fanin.adapters.torch._pass import Pass
from fanin.adapters.torch._statistics import extremes, real
from fanin.errors import FaninError, InputError, at
from fanin.values import Node, Row


@dataclass(frozen=True, slots=True)
class Backward:
    """Rows, and of each trained parameter that autograd reaches, whether its gradient is, or may be, exactly 0."""

    rows: tuple[Row, ...]
    zero: Mapping[str, bool]


def backward(run: Pass) -> Backward:
    """Noise to all nodes, which the recorder writes down; then the loss, if it can be had, to the weights.

    Raises:
        InputError: no tensor came out; the loss does not fit the output and the targets.
    """
    results = outputs(run.traced.result)
    loss = _loss(run, run.traced.result, run.batch.target)
    rows = [*_output_rows(run, results), *([] if loss is None else _loss_rows(run, loss))]
    trains = loss is not None and loss.requires_grad and bool(torch.isfinite(loss))
    sent = [result for result in results if result.requires_grad]
    below = list(_below_zeros(run))
    ends = [*zip(sent, noise(sent, run.seed), strict=True), *below]
    used = {name: value for name, value in run.weights.items() if value.requires_grad}
    if not ends or not (used or run.trained):
        return Backward((*rows, *_reached_rows(run, {})), {})
    places = [*used.values(), *run.trained.values()]
    with run.recorder.listening():
        found = _arriving(ends, places, keep=trains)
    rows += _reached_rows(run, found)
    if trains and loss is not None:
        found = _arriving([(loss, torch.ones_like(loss))], places)
    rows += [Row(name, "backward", "weight_gradient", found[id(w)].rms) for name, w in used.items() if id(w) in found]
    is_hidden = bool(below) and not trains  # noise from below a zero covers what stops at it
    zero = {name: is_hidden or found[id(p)].is_zero for name, p in run.trained.items() if id(p) in found}
    return Backward(tuple(rows), zero)


def _reached_rows(run: Pass, found: Mapping[int, Any]) -> Iterator[Row]:
    """Of every weight that is trained, whether something arrived at it of what was sent from all outputs."""
    trained = {path: parameter for path, parameter in run.trained.items() if parameter.is_leaf}
    for node in run.traced.graph.nodes:
        if node.params and node.params[0] in trained:
            yield Row(node.name, "backward", "reached", float(id(trained[node.params[0]]) in found))


class _Arrived(NamedTuple):
    """What is kept of a gradient."""

    rms: float
    is_zero: bool


def _arriving(ends: Sequence[tuple[Any, Tensor]], places: Sequence[Tensor], keep: bool = False) -> dict[int, _Arrived]:
    """What arrives at some tensors of what is sent back from the ends, by id; none is kept longer than it is read.

    All gradients of a large model side by side would take as much memory as its weights.
    """
    found: dict[int, _Arrived] = {}
    unique = {id(tensor): tensor for tensor in places}

    def note(tensor: Tensor, nothing: Tensor | None, gradient: Tensor) -> Tensor | None:
        dense = gradient.to_dense() if gradient.is_sparse else gradient
        found[id(tensor)] = _Arrived(_rms(dense), not bool(torch.count_nonzero(dense)))
        return None if gradient.is_sparse else nothing

    hooks = [t.register_hook(partial(note, t, _nothing(t))) for t in unique.values()]  # type: ignore[no-untyped-call]
    try:
        given, sent = [end for end, _ in ends], [cotangent for _, cotangent in ends]
        leaves = [tensor for tensor in unique.values() if tensor.is_leaf]
        torch.autograd.grad(given, leaves, sent, retain_graph=keep, allow_unused=True)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def _nothing(tensor: Tensor) -> Tensor | None:
    """Zeros of its shape in the memory of one, to be kept in place of its gradient; None if others are made of it.

    They are made before the pass: small blocks between large ones that are freed would let the memory grow.
    """
    return tensor.new_zeros(()).expand(tensor.shape) if tensor.is_leaf else None


def _below_zeros(run: Pass) -> Iterator[tuple[Any, Tensor]]:
    """Noise below every output layer whose weights are all 0: it lets none through before the first step."""
    by_name, values = run.traced.graph.by_name, run.weights
    below = [name for node in by_name.values() if node.output for name in _blocked(node, values)]
    for name in below:
        deeper = _blocked(by_name[name], values)
        below += deeper  # the loop goes on with them
        if not deeper and name in run.recorder.ends:
            edge, shape = run.recorder.ends[name]
            yield edge, noise([shape], run.seed + 1)[0]


def _blocked(node: Node, values: Mapping[str, Tensor]) -> tuple[str, ...]:
    """The nodes below one that lets nothing through."""
    weight = values.get(node.name)
    blocks = node.kind in ("layer", "scale") and weight is not None and not bool(torch.count_nonzero(weight))
    return node.inputs if blocks else ()


def _rms(gradient: Tensor) -> float:
    """Root mean square, without overflow in half precision."""
    return float(torch.linalg.vector_norm(real(gradient).float())) / math.sqrt(max(gradient.numel(), 1))


def _loss(run: Pass, result: Any, target: Any) -> Tensor | None:
    """The value of the loss that was named, or that the model computes itself.

    Raises:
        InputError: it does not fit output and targets.
    """
    if run.loss is None:
        return own_loss(result)
    if target is None and isinstance(run.loss, str):
        return None
    function = named(run.loss) if isinstance(run.loss, str) else run.loss
    name = run.loss if isinstance(run.loss, str) else getattr(run.loss, "__name__", "loss")
    try:
        value = function(result, target)
    except FaninError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        raise InputError(f"the loss {name!r} raised {type(error).__name__}: {reason}{at(error)}") from error
    if not isinstance(value, Tensor) or value.numel() != 1:
        what = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
        raise InputError(f"the loss {name!r} gave {what}; expected one number, as a tensor")
    return value.reshape(())


def _loss_rows(run: Pass, loss: Tensor) -> Iterator[Row]:
    """At the output: the loss, that of the best constant answer, and how it grows with the batch."""
    name, value = run.output, float(loss.detach())
    yield Row(name, "forward", "loss", value)
    if isinstance(run.loss, str):
        best = reference(run.loss, run.traced.result, run.batch.target)
        yield Row(name, "forward", "loss_reference", best)
    if run.loss is not None and run.batch.samples > 1 and isinstance(run.traced.result, Tensor):
        yield Row(name, "forward", "loss_growth", _growth(run, run.traced.result))


def _growth(run: Pass, result: Tensor) -> float:
    """Loss of an even number of samples over the mean loss of their halves: 1 for a mean, 2 for a sum."""
    half = run.batch.samples // 2
    both = Batch((result,), {}, run.batch.target, "")
    halves = (both.part(slice(0, 2 * half)), both.part(slice(0, half)), both.part(slice(half, 2 * half)))
    whole, first, second = (_loss(run, part.args[0], part.target) for part in halves)
    if whole is None or first is None or second is None or not bool(first + second):
        return 1.0
    return float((2 * whole / (first + second)).detach())


def _output_rows(run: Pass, results: tuple[Tensor, ...]) -> Iterator[Row]:
    return (row for row in extremes(run.output, results[0]) if row.statistic in ("min", "max"))
