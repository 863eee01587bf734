"""Rows of the loss and of the gradients: of noise sent back from the outputs, and of the loss."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fanin.adapters.torch._data import Batch
from fanin.adapters.torch._loss import named, noise, outputs, own_loss, reference
from fanin.adapters.torch._pass import Pass, gradients
from fanin.adapters.torch._statistics import extremes, real
from fanin.errors import FaninError, InputError, place
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
    places = used | {f"{_OWN}{name}": parameter for name, parameter in run.trained.items()}
    if not ends or not places:
        return Backward(tuple(rows), {})
    with run.recorder.listening():
        found = gradients(ends, places, keep=trains)
    if trains and loss is not None:
        found.clear()  # two sets of gradients would not fit where a training step does
        found = gradients([(loss, torch.ones_like(loss))], places)
    reached = {name: gradient for name, gradient in found.items() if gradient is not None}
    rows += [Row(name, "backward", "weight_gradient", _rms(reached[name])) for name in used if name in reached]
    own = {name.removeprefix(_OWN): gradient for name, gradient in reached.items() if name.startswith(_OWN)}
    is_hidden = bool(below) and not trains  # noise from below a zero covers what stops at it
    zero = {name: is_hidden or not bool(torch.count_nonzero(gradient)) for name, gradient in own.items()}
    return Backward(tuple(rows), zero)


_OWN = "parameter "  # before the name of a parameter: nodes may have the same


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
        raise InputError(f"the loss {name!r} raised {type(error).__name__}: {reason} ({place(error)})") from error
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
