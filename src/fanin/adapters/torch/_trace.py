"""A model as it is executed, in one call."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

from fanin.adapters.torch._eager import eager
from fanin.adapters.torch._outputs import outputs_of
from fanin.adapters.torch._params import params_of
from fanin.adapters.torch._record import Record, Watch
from fanin.adapters.torch._seeing import Seeing
from fanin.adapters.torch._states import Signal
from fanin.values import Graph, Param


@dataclass(frozen=True, slots=True)
class Traced:
    """What one call of a model showed.

    Attributes:
        graph: its nodes.
        params: all its parameters: those that were met in order of execution, then the others.
        values: the weight that each layer used, parametrizations and products applied.
        result: what the call returned.
        unused: paths of the parameters that were not met.
    """

    graph: Graph
    params: tuple[Param, ...]
    values: Mapping[str, Tensor]
    result: object
    unused: tuple[str, ...]


def trace(model: nn.Module, call: Callable[[], object], watch: Watch | None = None) -> Traced:
    """Runs `call`, which runs the model once, and says what was executed. Dropout is off, whatever the model's mode.

    Example:
        >>> import torch
        >>> model = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))
        >>> traced = trace(model, lambda: model(torch.ones(4, 3)))
        >>> [(node.name, node.inputs, node.activation) for node in traced.graph.of_kind("layer")]
        [('0', ('input',), 'relu'), ('2', ('0',), 'linear')]
    """
    record = Record(model, watch)
    with _modules_noted(model, record), eager(model), Seeing(record):
        result = call()
    for tensor in outputs_of(result):
        state = record.states.get(tensor)
        if isinstance(state, Signal):
            record.change(state.node, output=True)
    graph = Graph(tuple(record.nodes.values()))
    params, unused = params_of(model, record, graph)
    return Traced(graph, params, record.values, result, unused)


@contextlib.contextmanager
def _modules_noted(model: nn.Module, record: Record) -> Iterator[None]:
    """Which module runs, and what the model is called with. The hooks are taken away again."""
    before = register_module_forward_pre_hook(lambda module, args: record.stack.append(module))
    after = register_module_forward_hook(lambda module, args, output: _leave(record, module), always_call=True)
    inputs = model.register_forward_pre_hook(
        lambda _, args, kwargs: None if record.is_called else record.begin(args, kwargs), with_kwargs=True
    )
    try:
        yield
    finally:
        inputs.remove()
        before.remove()
        after.remove()


def _leave(record: Record, module: nn.Module) -> None:
    while record.stack and record.stack.pop() is not module:
        pass
