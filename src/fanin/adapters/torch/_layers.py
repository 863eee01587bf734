"""Functions of torch that take a weight by its name: which tensor it is, and what its axes mean."""

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from fanin.adapters.torch._flow import passing
from fanin.adapters.torch._operations import RECURRENT, SIGNATURES, bind
from fanin.adapters.torch._place import Axes, place, sources_of, use, use_bias
from fanin.adapters.torch._products import meet
from fanin.adapters.torch._record import Record
from fanin.adapters.torch._states import Call, Constant, Derived, State, tensors_in
from fanin.adapters.torch._use import repeated, table_axes
from fanin.values.param import Role


def layer(record: Record, call: Call) -> State:
    """linear, convolutions, bilinear, embedding."""
    op = SIGNATURES[call.name][0]
    given = bind(call.name, call.args, call.kwargs)
    weight, inputs = given["weight"], [given[name] for name in ("input", "input1", "input2") if name in given]
    if not isinstance(record.state(weight), Derived):
        return meet(record, call, [*inputs, weight])
    if op == "embedding":
        facts: dict[str, Any] = {}
        is_known = all(record.state(ids) == Constant() for ids in inputs)  # ids that no input changes: positions
        role: Role = "position" if is_known else "embedding"
    else:
        facts, role = _conv_facts(given) if op.startswith("conv") else {}, "weight"
        facts |= {"transposed": True} if op == "conv_transposed" else {}
    return place(record, call, op, inputs, weight, given.get("bias"), _axes(op, weight), facts, role)


def _axes(op: str, weight: Tensor) -> Axes:
    kernel = repeated("kernel", weight.ndim - 2)
    known: dict[str, Axes] = {
        "embedding": ("lookup", "out"),
        "conv_transposed": ("in", "out", *kernel),
        "conv": ("out", "in", *kernel),
        "bilinear": ("out", "in", "in"),
    }
    return known.get(op, ("out", "in") if weight.ndim > 1 else ("in",))


def _conv_facts(given: Mapping[str, Any]) -> dict[str, Any]:
    stride = given.get("stride", 1)
    axes = given["weight"].ndim - 2
    strides = [stride] * axes if isinstance(stride, int) else list(stride) * (axes // len(stride))
    return {"groups": given.get("groups", 1), "stride": math.prod(strides)}


def recurrent(record: Record, call: Call) -> State:
    """LSTM, GRU and plain recurrences, whole or one step of them."""
    activation, blocks = RECURRENT[call.name]
    parameters = [tensor for tensor in call.tensors if isinstance(record.state(tensor), Derived)]
    packed = [list(tensors_in(arg)) for arg in call.args if isinstance(arg, (list, tuple))]
    states = {id(t) for group in packed[:1] for t in group} if len(packed) > 1 else set()
    initial = [tensor for tensor in parameters if id(tensor) in states]  # a learned first state
    parameters = [tensor for tensor in parameters if id(tensor) not in states]
    weights = [tensor for tensor in parameters if tensor.ndim > 1]
    vectors = [tensor for tensor in parameters if tensor.ndim == 1]
    if not weights:
        return meet(record, call, call.tensors)
    inputs = [t for t in call.tensors if all(t is not p for p in parameters)]
    sources = [*record.signals(initial), *record.sources(inputs)]
    paths = [path for tensor in (*weights, *vectors) for path in sources_of(record, tensor)]
    name = paths[0].rpartition(".")[0] or "recurrent"
    signal = record.add("layer", "recurrent", sources, call.results, name=name, paths=tuple(dict.fromkeys(paths)))
    for i, weight in enumerate(weights):
        is_projection = weight.shape[0] != weights[0].shape[0]
        facts = {} if is_projection else {"blocks": blocks, "activation": activation}
        role: Role = "recurrent" if _is_hidden(paths[i], i) else "weight"
        use(record, signal.node, weight, ("out", "in"), role, facts)
    for i, vector in enumerate(vectors):
        owner = weights[min(i * len(weights) // len(vectors), len(weights) - 1)]
        use_bias(record, signal.node, vector, record.state(owner), {"blocks": blocks, "activation": activation})
    return signal


def _is_hidden(path: str, index: int) -> bool:
    """Whether a recurrent weight takes the hidden state: by its name, or as every second one does."""
    return "_hh" in path or ("_ih" not in path and "_hr" not in path and index % 2 == 1)


def lookup(record: Record, call: Call) -> State:
    """`table[ids]`, of ids that come with the input."""
    weight, indices = call.tensors[0], call.tensors[1:]
    is_table = isinstance(record.state(weight), Derived) and weight.ndim >= 1
    if not is_table or not any(record.state(index) == Constant(data=True) for index in indices):
        return passing(record, call)
    return place(record, call, "embedding", indices, weight, None, table_axes(weight), {}, "embedding")
