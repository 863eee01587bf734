"""Where signals are put side by side, written into each other, cut into parts, reduced, or simply pass."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from fanin.adapters.torch._operations import MOMENTS
from fanin.adapters.torch._record import Record
from fanin.adapters.torch._states import Call, Constant, Derived, Signal, State
from fanin.adapters.torch._use import Use, is_real, table_axes


def join(record: Record, call: Call) -> State:
    """Concatenation; parts of one node that are put together again are that node's output."""
    signals = record.signals(call.tensors)
    nodes = {signal.node for signal in signals}
    if len(nodes) > 1:
        return record.add("join", "cat", signals, call.results)
    if not signals:
        return Constant(data=True)
    if len(signals) > 1:
        record.parts.pop(signals[0].node, None)
    return Signal(signals[0].node, max((signal.trail for signal in signals), key=len))


def write(record: Record, call: Call) -> None:
    """`x[i] = y`, `index_add_`, `copy_` and their like: x becomes a join of what was written into it."""
    target, values = call.tensors[0], [t for t in call.tensors[1:] if is_real(t)]
    signals = record.signals(values)
    is_in_place = not call.results or call.results[0] is target
    written = [target, *([] if target._base is None else [target._base])] if is_in_place else []
    before = record.state(target)
    if signals and isinstance(before, Signal) and before.node != signals[0].node and call.name != "copy":
        state: State = _joined(record, before, signals, target)
    else:
        state = signals[0] if signals else before
    for result in (*written, *call.results):
        record.states[result] = state


def _joined(record: Record, before: Signal, signals: Sequence[Signal], target: Tensor) -> Signal:
    """One node for all that is written into a tensor, as long as nobody has read it."""
    node = record.nodes[before.node]
    is_read = any(before.node in other.inputs for other in record.nodes.values())
    if node.op != "write" or is_read:
        return record.add("join", "write", [before, *signals], [target])
    inputs = dict.fromkeys((*node.inputs, *(signal.node for signal in signals)))
    record.nodes[node.name] = record.nodes.pop(node.name)  # it is executed when the last part has come
    record.change(node.name, inputs=tuple(inputs))
    record.show(node.name, [target])
    return before


def reduce(record: Record, call: Call) -> State:
    """Means, sums, standard deviations: of a signal, its place or its scale."""
    state = record.state(call.tensors[0])
    if not isinstance(state, Signal):
        return state
    of_squares = bool(state.trail) and state.trail[-1] in ("square", "abs")
    return Signal(state.node, state.trail[:-1] if of_squares else state.trail, 2 if of_squares else MOMENTS[call.name])


def spread(record: Record, call: Call) -> None:
    """`broadcast_tensors`: each result is one of the arguments."""
    for tensor, result in zip(call.tensors, call.results, strict=True):
        record.states[result] = record.state(tensor)


def passing(record: Record, call: Call) -> State:
    """Everything else: one signal passes; several that differ make a node."""
    signals = [state for tensor in call.tensors if isinstance(state := record.state(tensor), Signal)]
    signals = _without_masks(signals)
    learned = [state for tensor in call.tensors if isinstance(state := record.state(tensor), Derived)]
    if not any(is_real(result) for result in call.results):
        return Constant(data=True)
    if learned and signals:
        for path in (path for state in learned for path in state.paths):
            record.use(path, Use(signals[0].node, "state", table_axes(record.parameters[path])))
        return record.add("other", call.name, record.signals(call.tensors), call.results,
                          paths=tuple(path for state in learned for path in state.paths))  # fmt: skip
    if len({signal.node for signal in signals}) > 1:
        return record.add("other", call.name, signals, call.results)
    if not signals:
        return Constant(data=True)
    signal = max(signals, key=lambda signal: len(signal.trail))
    cuts = _cuts(record, call, signal)
    record.parts.setdefault(signal.node, set()).update(cuts)
    return Signal(signal.node, signal.trail, signal.moment, part=signal.part or bool(cuts), noise=signal.noise)


def _without_masks(signals: list[Signal]) -> list[Signal]:
    return [signal for signal in signals if signal.node != "input"] or signals


_CUTS = {"chunk", "split", "tensor_split", "unbind", "getitem", "select", "narrow", "unsafe_chunk", "split_with_sizes"}


def _cuts(record: Record, call: Call, signal: Signal) -> set[frozenset[int]]:
    """The features that each result holds, if they are slices of a layer's output along its features."""
    layout = record.layouts.get(signal.node)
    if layout is None or call.name not in _CUTS or signal.part or signal.trail:
        return set()
    views = [result for result in call.results if result.untyped_storage()._cdata == layout.storage.cdata]
    sets = {features(view, layout.features, layout.step) for view in views}
    return {found for found in sets if len(found) < layout.features}


def features(tensor: Tensor, size: int, step: int) -> frozenset[int]:
    """Which of a layer's features a view of its output holds, for features that lie `step` apart in memory."""
    period = size * step
    found = np.array([tensor.storage_offset() % period])
    for length, stride in zip(tensor.shape, tensor.stride(), strict=True):
        if stride % period:
            found = np.unique((found[:, None] + np.arange(min(length, period)) * stride) % period)
    return frozenset((found // step).tolist())
