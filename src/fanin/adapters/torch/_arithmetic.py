"""Sums and products entry by entry, and the norms and activations that people write with them."""

from dataclasses import replace

from fanin.adapters.torch import _names, _noise
from fanin.adapters.torch._nonlinear import own_name
from fanin.adapters.torch._operations import SELF_GATED
from fanin.adapters.torch._record import Record
from fanin.adapters.torch._states import Call, Constant, Derived, Signal, State
from fanin.adapters.torch._use import Use, table_axes, vector_axes
from fanin.values.param import Role


def add(record: Record, call: Call) -> State:
    """Sums: of two signals, or of a signal and a bias, a table, or random numbers."""
    _noise.show(record, call)
    signals, learned = _operands(record, call)
    if not signals:
        return Constant(data=True)
    if len({signal.node for signal in signals}) > 1:
        return record.add("sum", call.name, signals, call.results)
    first = min(signals, key=lambda signal: signal.moment)
    if call.name == "sub" and {signal.moment for signal in signals} == {0, 1}:
        record.centred.add(first.node)
    if learned:
        return _shift(record, call, first, learned[0])
    trail = max((signal.trail for signal in signals), key=len)
    return _noise.added(record, call, Signal(first.node, trail, first.moment, first.part))


def _shift(record: Record, call: Call, signal: Signal, learned: Derived) -> Signal:
    """A parameter is added: a bias that is written by hand, or a table of positions."""
    node = record.nodes[signal.node]
    sizes = [size for path in learned.paths for size in record.parameters[path].shape if size > 1]
    if len(sizes) > len(learned.paths):
        for path in learned.paths:
            record.use(path, Use(_names.node_name(path), "position", table_axes(record.parameters[path])))
        return record.add("sum", "position", [signal], call.results, name=_names.node_name(learned.paths[0]),
                          paths=learned.paths)  # fmt: skip
    is_plain = not signal.trail and not signal.part and node.kind in ("layer", "norm")
    role: Role = "norm_shift" if node.kind == "norm" and is_plain else "bias"
    owner = node.params[0] if node.kind == "layer" and is_plain and node.params else None
    for path in learned.paths:
        record.use(path, Use(node.name, role, vector_axes(record.parameters[path]), owner=owner))
    record.extend(node.name, learned.paths, call.results if is_plain else ())
    return signal


def multiply(record: Record, call: Call) -> State:
    """Products entry by entry: of two signals, of a signal with itself, with a parameter, with a constant."""
    signals, learned = _operands(record, call)
    if not signals:
        return Constant(data=True)
    if learned:
        return _scale(record, call, signals[0], learned[0])
    if len(signals) == 1:
        return replace(signals[0], noise=_noise.among(record, call) or signals[0].noise)
    first, second = sorted(signals[:2], key=lambda signal: (signal.moment, len(signal.trail)))
    if first.node != second.node or (first.part and second.part):
        return record.add("product", "mul", signals, call.results)
    if second.moment == 2:
        op = "layer_norm" if first.node in record.centred else "rms_norm"
        return record.add("norm", op, signals, call.results, name=own_name(record))
    if second.moment:
        return _by_total(record, call, first)
    if first.trail == second.trail:
        return Signal(first.node, (*first.trail, "square"), part=first.part)
    return _self_gate(record, call, first, second)


def _by_total(record: Record, call: Call, signal: Signal) -> Signal:
    """x / sum(x): of exponentials, a softmax written by hand."""
    if signal.trail != ("exp",):
        return signal
    record.activate(signal.node, "softmax", call.tensors[0].log(), call.results[0], refined=True)
    return Signal(signal.node, ("softmax",), part=signal.part)


def _self_gate(record: Record, call: Call, first: Signal, second: Signal) -> Signal:
    """x·f(x): SiLU and its like, written by hand."""
    name = SELF_GATED.get(second.trail[len(first.trail) :], "self_gated")
    z = next(tensor for tensor in call.tensors if record.state(tensor) == first)
    if not first.trail:
        record.activate(first.node, name, z, call.results[0], refined=True)
    return Signal(first.node, (*first.trail, name), part=first.part)


def _scale(record: Record, call: Call, signal: Signal, learned: Derived) -> Signal:
    """A parameter multiplies the signal: the gain of a norm that is written by hand, LayerScale, ReZero."""
    node = record.nodes[signal.node]
    vectors = [record.parameters[path] for path in learned.paths]
    is_gain = node.kind == "norm" and not node.params and not signal.trail
    if is_gain and all(vector.ndim and vector.numel() > 1 for vector in vectors):
        role: Role = "norm_shift" if learned.changes == ("add",) else "norm_scale"  # 1 + w is neutral at zero
        for path in learned.paths:
            record.use(path, Use(node.name, role, vector_axes(record.parameters[path])))
        record.extend(node.name, learned.paths, call.results)
        return signal
    name = _names.node_name(learned.paths[0])
    result = record.add("scale", "mul", [signal], call.results, name=name, paths=learned.paths)
    for path in learned.paths:
        role = "state" if learned.changes else "scalar"
        record.use(path, Use(result.node, role, vector_axes(record.parameters[path])))
    return result


def _operands(record: Record, call: Call) -> tuple[list[Signal], list[Derived]]:
    """The signals and the parameters of a call; of the input itself, what is only spread over another is a mask."""
    states = [(tensor, record.state(tensor)) for tensor in call.tensors[:2]]
    signals = [(tensor, state) for tensor, state in states if isinstance(state, Signal)]
    size = max((tensor.numel() for tensor, _ in signals), default=0)
    if any(state.node != "input" for _, state in signals):
        signals = [(t, state) for t, state in signals if state.node != "input" or t.numel() == size]
    return [state for _, state in signals], [state for _, state in states if isinstance(state, Derived)]
