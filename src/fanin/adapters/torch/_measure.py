"""Everything that the doctor asks of a model and one batch: a pass forward, one or two back, and a look at zeros.

The model runs once, traced. Noise at its outputs is sent back for `gradient`; the gradient of the loss, if there is
one, for `weight_gradient`. Only where some gradient is exactly 0, or units are copies, a few small steps of descent
follow.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import UninitializedParameter

from fanin.adapters.measurement import Measurement
from fanin.adapters.torch._backward import backward
from fanin.adapters.torch._data import Batch, read, tensors
from fanin.adapters.torch._guard import guard
from fanin.adapters.torch._inputs import sample_inputs
from fanin.adapters.torch._loss import Loss
from fanin.adapters.torch._pass import Pass, execute
from fanin.adapters.torch._statistics import Recorder, batch_rows, extremes
from fanin.adapters.torch._symmetry import unit_rows
from fanin.adapters.torch._trained import has_learned, is_trained
from fanin.adapters.torch._weights import bias_rows, clones, forget_bias, weight_rows
from fanin.errors import InputError
from fanin.values import Row, Trace, activation

_SAMPLES = {5_000_000: 64, 50_000_000: 16}  # of a batch that is made up, up to so many parameters
_FEWEST = 8


def measure(
    model: nn.Module,
    batch: Any = None,
    *,
    loss: str | Loss | None = None,
    input_shape: Sequence[tuple[int, ...]] = (),
    seed: int = 0,
) -> Measurement:
    """What a batch does in a model, forward and backward. The model is left as it was, bit for bit.

    It is measured in training mode with dropout off, also if all of it is in evaluation mode; a model that mixes both
    is taken as it is (frozen BatchNorm).

    Args:
        model: any module with values.
        batch: see `_data.read`; 64 made-up samples if there is none.
        loss: a name, a function of (output, targets), or None: the model's own, if it returns one.
        input_shape: of one sample, for each input of a made-up batch.
        seed: of the noise, of made-up data, and of whatever the model draws.

    Raises:
        InputError: no parameters, no values, a batch that does not fit, no tensor comes out.
    """
    _verify(model)
    with guard(model), np.errstate(all="ignore"):  # numbers that overflow are a finding, not a fault of ours
        torch.manual_seed(seed)
        given = _batch(model, batch, input_shape, has_loss=loss is not None, seed=seed)
        if not any(module.training for module in model.modules()) and given.samples > 1:
            model.train()  # one sample alone has no batch statistics
        recorder = Recorder(given.samples)
        run = Pass(model, given, loss, seed, execute(model, given, recorder), recorder)
        copies, trained = clones(run.parameters), is_trained(model, list(run.weights.values()))
        rows = tuple(_rows(run))  # at the end of it the weights may have moved
        traced = run.traced
        return Measurement(
            traced.graph,
            traced.params,
            Trace("measured", rows),
            given.samples,
            given.words,
            copies,
            traced.unused,
            trained or has_learned(loss, rows),
        )


def _verify(model: nn.Module) -> None:
    parameters, name = list(model.parameters()), type(model).__name__
    if any(isinstance(parameter, UninitializedParameter) for parameter in parameters):
        raise InputError(f"{name} has lazy layers without shapes yet; run it once on a batch, then check it")
    if not any(parameter.numel() for parameter in parameters):
        raise InputError(f"{name} has no parameters, so that nothing was initialized; give the model itself")
    if any(parameter.is_meta for parameter in parameters):
        raise InputError(f"{name} is on the device 'meta' and has no values; build it on another device")


def _batch(model: nn.Module, batch: Any, shapes: Sequence[tuple[int, ...]], *, has_loss: bool, seed: int) -> Batch:
    if batch is not None:
        return read(batch, model, has_loss=has_loss)
    size = sum(parameter.numel() for parameter in model.parameters())
    samples = next((count for largest, count in _SAMPLES.items() if size <= largest), _FEWEST)
    args, kwargs, words = sample_inputs(model, tuple(shapes), samples, seed)
    return Batch(args, kwargs, None, words)


def _rows(run: Pass) -> Iterator[Row]:
    first = tensors((run.batch.args, run.batch.kwargs))[0]
    if first.is_floating_point() and first.ndim:
        yield from batch_rows(first)
    after = backward(run)
    yield from run.recorder.rows()
    yield from _recurrent_rows(run)
    yield from after.rows
    yield from _target_rows(run.batch.target)
    yield from _weight_rows(run)
    yield from unit_rows(run, after.zero)


def _recurrent_rows(run: Pass) -> Iterator[Row]:
    modules = dict(run.model.named_modules())
    for node in run.traced.graph.nodes:
        module = modules.get(node.name)
        if isinstance(module, (nn.RNN, nn.RNNCell)) and module.nonlinearity == "tanh":
            yield from run.recorder.recurrent_rows(node.name, activation("tanh"))


def _target_rows(target: Any) -> Iterator[Row]:
    for first in tensors(target)[:1]:
        yield from extremes("target", first)
        if not first.is_floating_point() and first.numel():
            counts = torch.unique(first, return_counts=True)[1]
            yield Row("target", "forward", "majority", float(counts.max()) / first.numel())


def _weight_rows(run: Pass) -> Iterator[Row]:
    roles = {param.path: param.role for param in run.traced.params}
    weights, modules = run.weights, dict(run.model.named_modules())
    for node in run.traced.graph.nodes:
        value = weights.get(node.name)
        if value is not None and value.numel():
            yield from weight_rows(node.name, value)
        for path in [path for path in node.params if roles.get(path) == "bias"][:1]:
            yield from bias_rows(node.name, run.parameters[path])
        if isinstance(modules.get(node.name), (nn.LSTM, nn.LSTMCell)):
            yield from forget_bias(node.name, modules[node.name])
