"""Random numbers that a forward pass draws and adds to a signal: the noise of a variational autoencoder.

They are no signal of their own, so that masks and dropout by hand stay what they are; a node shows them where they
are added. Its operation bears their mean square: `noise(1)`.
"""

from collections.abc import Sequence

from fanin.adapters.torch._operations import NOISES
from fanin.adapters.torch._record import Record
from fanin.adapters.torch._states import Call, Constant, Signal

_LITTLE = 1 / 64
"""Mean square of noise that changes nothing."""
_MOVES = {"view", "reshape", "expand", "expand_as", "view_as", "unsqueeze", "squeeze", "transpose", "permute"} | {
    *("to", "type", "type_as", "float", "double", "half", "clone", "detach", "contiguous", "add", "sub", "cuda", "cpu"),
}


def drawn(call: Call) -> float:
    """Mean square of what a call draws; one number per sample decides which is dropped, and is no noise."""
    is_one_each = any(result.ndim == 0 or result.numel() == result.shape[0] for result in call.results)
    return 0.0 if is_one_each else NOISES.get(call.name, 0.0)


def is_refilled(record: Record, call: Call) -> bool:
    """Whether random numbers overwrite a tensor that is no parameter, whatever it held."""
    target = call.args[0] if call.args else None
    return call.name in ("normal", "uniform") and call.result is target and id(target) not in record.path_of


def kept(call: Call, states: Sequence[object]) -> float:
    """Mean square of a result made of constants alone."""
    if call.name == "normal":
        return drawn(call)
    noises = [state.noise for state in states if isinstance(state, Constant)]
    if call.name in ("mul", "div") and len(noises) == 1:
        factor = next((each for each in call.args if isinstance(each, int | float)), 1.0)
        return noises[0] * factor**2 if call.name == "mul" else noises[0] / (factor or 1.0) ** 2
    return max(noises, default=0.0) if call.name in _MOVES else 0.0


def among(record: Record, call: Call) -> float:
    """Mean square of the random numbers among the operands."""
    states = [record.state(tensor) for tensor in call.tensors[:2]]
    return max((state.noise for state in states if isinstance(state, Constant)), default=0.0)


def show(record: Record, call: Call) -> None:
    """What was multiplied by random numbers becomes a node, where it is added to something else."""
    for tensor in call.tensors[:2] if len(call.tensors) > 1 else ():
        state = record.state(tensor)
        if isinstance(state, Signal) and state.noise and state.node != "input":
            record.add("product", f"noise({state.noise:g})", [state], [tensor], name=_name(record))


def added(record: Record, call: Call, signal: Signal) -> Signal:
    """A signal with random numbers added, as a node if they change its size; inputs have the size that they have."""
    noise = among(record, call)
    if noise < _LITTLE or signal.node == "input":
        return signal
    return record.add("other", f"noise({noise:g})", [signal], call.results, name=_name(record))


def _name(record: Record) -> str:
    return f"{record.path}.noise".lstrip(".")
