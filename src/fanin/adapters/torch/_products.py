"""Products of matrices: of a signal and a weight, a layer; of two signals, attention and its like."""

from collections.abc import Sequence

from torch import Tensor

from fanin.adapters.torch._place import Axes, place
from fanin.adapters.torch._record import Record
from fanin.adapters.torch._states import Call, Constant, Derived, Signal, State
from fanin.adapters.torch._use import Use, repeated, table_axes
from fanin.values.param import Axis


def matmul(record: Record, call: Call) -> State:
    """x @ w, w @ x; of two signals, a product; with a constant, nothing."""
    left, right = call.tensors[:2]
    weights = [tensor for tensor in (left, right) if isinstance(record.state(tensor), Derived)]
    if len(weights) != 1 or record.state(left) == Constant():
        return meet(record, call, [left, right])
    weight = weights[0]
    signal = left if weight is right else right
    if weight.ndim == 1:
        axes: Axes = ("in",)
    else:
        ends: Axes = ("in", "out") if weight is right else ("out", "in")
        axes = (*repeated("batch", weight.ndim - 2), *ends)
    return place(record, call, "dense", [signal], weight, None, axes)


def addmm(record: Record, call: Call) -> State:
    """bias + x @ w."""
    bias, left, right = call.tensors[:3]
    if not isinstance(record.state(right), Derived) or isinstance(record.state(left), Derived):
        return meet(record, call, [left, right])
    axes: Axes = (*repeated("batch", right.ndim - 2), "in", "out")
    return place(record, call, "dense", [left], right, bias, axes)


def einsum(record: Record, call: Call) -> State:
    """Letters of the weight alone are its outputs, letters that the result lacks its inputs, the others copies."""
    weights = [tensor for tensor in call.tensors if isinstance(record.state(tensor), Derived)]
    signals = [tensor for tensor in call.tensors if isinstance(record.state(tensor), Signal)]
    if len(weights) != 1 or not signals or not isinstance(call.args[0], str):
        return meet(record, call, call.tensors)
    terms, _, result = call.args[0].replace(" ", "").partition("->")
    letters = terms.split(",")
    at = next(i for i, tensor in enumerate(call.tensors) if tensor is weights[0])
    others = set("".join(letters[:at] + letters[at + 1 :]))
    if len(letters[at].replace("...", "")) != weights[0].ndim or not result:
        return meet(record, call, call.tensors)

    def axis(letter: str) -> Axis:
        return "in" if letter not in result else "batch" if letter in others else "out"

    axes = tuple(axis(letter) for letter in letters[at].replace("...", ""))
    if "in" not in axes:  # nothing is summed: an outer product or a scale
        return meet(record, call, call.tensors)
    return place(record, call, "dense", signals, weights[0], None, axes)


def attention(record: Record, call: Call) -> State:
    """Scaled dot products; a table of positions may come as the mask."""
    given = dict(zip(("query", "key", "value", "attn_mask"), call.args, strict=False)) | call.kwargs
    operands = [given[name] for name in ("query", "key", "value", "attn_mask") if isinstance(given.get(name), Tensor)]
    state = meet(record, call, operands[:3])
    for tensor in operands[3:]:
        mask = record.state(tensor)
        if isinstance(mask, Derived) and isinstance(state, Signal):
            record.extend(state.node, mask.paths, ())
            for path in mask.paths:
                record.use(path, Use(state.node, "position", table_axes(record.parameters[path])))
        elif isinstance(mask, Signal) and isinstance(state, Signal) and mask.node not in ("input", state.node):
            inputs = dict.fromkeys((*record.nodes[state.node].inputs, mask.node))
            record.change(state.node, inputs=tuple(inputs))
    return state


def meet(record: Record, call: Call, operands: Sequence[Tensor]) -> State:
    """Signals that meet each other in a product of matrices; with constants and masks, the signal passes."""
    states = [record.state(tensor) for tensor in operands]
    signals = [state for state in states if isinstance(state, Signal)]
    if len(signals) >= 2 or (signals and any(isinstance(state, Derived) for state in states)):
        return record.add("product", _PRODUCTS.get(call.name, "matmul"), record.signals(operands), call.results)
    return signals[0] if signals else Constant(data=True)


_PRODUCTS = {"scaled_dot_product_attention": "attention"}
