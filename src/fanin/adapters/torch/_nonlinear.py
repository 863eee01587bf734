"""Activations and norms that are functions of torch."""

from torch import Tensor

from fanin.adapters.torch import _names
from fanin.adapters.torch._operations import COMPOSED, QUIET, SIGNATURES, bind
from fanin.adapters.torch._record import Record
from fanin.adapters.torch._states import Call, Derived, Signal, State
from fanin.adapters.torch._use import Use, vector_axes
from fanin.values.param import Role


def activation(record: Record, call: Call, name: str) -> State:
    """A nonlinear function of one signal."""
    z = call.tensors[0]
    state = record.state(z)
    if not isinstance(state, Signal) or state.moment:
        return state
    trail = (*state.trail, name)
    composed = COMPOSED.get(trail)
    if composed or (not state.trail and name not in QUIET):
        before = z if call.before is None else call.before
        record.activate(state.node, composed or name, before, call.results[0], refined=composed is not None)
    return Signal(state.node, trail, part=state.part)


def glu(record: Record, call: Call) -> State:
    """The first half times the sigmoid of the second."""
    state = record.state(call.tensors[0])
    if not isinstance(state, Signal):
        return state
    dim = call.kwargs.get("dim", call.args[1] if len(call.args) > 1 else -1)
    gate = call.tensors[0].detach().chunk(2, dim)[1]
    record.activate(state.node, "sigmoid", gate, gate.sigmoid())
    record.packed |= dict.fromkeys(record.nodes[state.node].params, 2)
    return record.add("product", "glu", [state], call.results)


def prelu(record: Record, call: Call) -> State:
    """A leaky ReLU whose slope is learned."""
    given = bind("prelu", call.args, call.kwargs)
    slope, state = record.state(given["weight"]), record.state(given["input"])
    if not isinstance(state, Signal):
        return state
    if isinstance(slope, Derived):
        record.change(state.node, params=tuple(dict.fromkeys((*record.nodes[state.node].params, *slope.paths))))
        for path in slope.paths:
            record.use(path, Use(state.node, "scalar", vector_axes(record.parameters[path])))
    record.activate(state.node, "prelu", given["input"], call.results[0])
    return Signal(state.node, (*state.trail, "prelu"))


def norm(record: Record, call: Call) -> State:
    """Norms that are functions of torch."""
    op = SIGNATURES[call.name][0]
    given = bind(call.name, call.args, call.kwargs)
    roles: tuple[tuple[str, Role], ...] = (("weight", "norm_scale"), ("bias", "norm_shift"))
    found = {role: record.state(given[name]) for name, role in roles if isinstance(given.get(name), Tensor)}
    learned = {role: state for role, state in found.items() if isinstance(state, Derived)}
    sources = record.sources([given["input"]])
    if not sources:
        return record.state(given["input"])
    paths = tuple(path for state in learned.values() for path in state.paths)
    name = _names.node_name(paths[0]) if paths else own_name(record)
    signal = record.add("norm", op, sources, call.results, name=name, paths=paths)
    for role, state in learned.items():
        for path in state.paths:
            record.use(path, Use(signal.node, role, vector_axes(record.parameters[path])))
    return signal


def own_name(record: Record) -> str | None:
    """The name of a node without parameters, if the module that runs does nothing else."""
    module = record.stack[-1] if record.stack else None
    return record.path or None if module is not None and not list(module.children()) else None
