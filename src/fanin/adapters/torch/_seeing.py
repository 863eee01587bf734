"""Every torch function that runs is seen, run as it is, and what it means to the signal noted."""

import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

from fanin.adapters.torch import _arithmetic, _flow, _layers, _noise, _nonlinear, _operations, _products
from fanin.adapters.torch._record import Record
from fanin.adapters.torch._states import Call, Constant, Derived, Signal, State, derive
from fanin.adapters.torch._use import is_real


class Seeing(TorchFunctionMode):
    """Runs each function as it is, and tells the record."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self.record = record

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = _operations.plain(_name(func))
        if name in _operations.DROPOUT:
            return args[0] if args else kwargs["input"]
        if name == "multi_head_attention_forward":
            packed = [self.record.state(tensor) for tensor in args[5:7] if tensor is not None]
            paths = [path for state in packed if isinstance(state, Derived) for path in state.paths]
            self.record.packed |= dict.fromkeys(paths, 3)  # queries, keys and values in one
            with self:
                return _entered(func)(*args, **kwargs)
        args, kwargs = _without_dropout(name, args, kwargs)
        before = _before(name, func, args, kwargs)
        result = func(*args, **kwargs)
        if name in ("rand", "bernoulli") and _is_a_lot(result):
            result.fill_(1)
        _see(self.record, Call(name, args, kwargs, result, before))
        return result


def _name(func: Any) -> str:
    name = getattr(func, "__name__", type(func).__name__)
    return getattr(func.__self__, "__name__", name) if name == "__get__" else name


@cache
def _entered(func: types.FunctionType) -> Callable[..., Any]:
    """A Python function of torch that does not hand itself to us again, but calls the functions in it."""
    names = {**func.__globals__, "has_torch_function": lambda *_: False}
    entered = types.FunctionType(func.__code__, names, func.__name__, func.__defaults__, func.__closure__)
    entered.__kwdefaults__ = func.__kwdefaults__
    return entered


def _without_dropout(name: str, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The arguments with a dropout of 0, of functions that drop inside."""
    if name == "scaled_dot_product_attention" and (len(args) > 4 or "dropout_p" in kwargs):
        return (*args[:4], 0.0, *args[5:]) if len(args) > 4 else args, _zeroed(kwargs, "dropout_p")
    if name in ("lstm", "gru", "rnn_tanh", "rnn_relu"):
        place = next((i for i, arg in enumerate(args) if isinstance(arg, float)), None)
        return args if place is None else (*args[:place], 0.0, *args[place + 1 :]), kwargs
    return args, kwargs


def _is_a_lot(drawn: Tensor) -> bool:
    """Whether random numbers decide which layer or which sample's branch is dropped: one alone, or one for a sample."""
    return drawn.ndim == 0 or (drawn.ndim > 1 and drawn.numel() == drawn.shape[0])


def _zeroed(kwargs: dict[str, Any], name: str) -> dict[str, Any]:
    return kwargs | {name: 0.0} if name in kwargs else kwargs


def _before(name: str, func: Any, args: Any, kwargs: dict[str, Any]) -> Tensor | None:
    """A copy of what an activation is about to overwrite."""
    in_place = getattr(func, "__name__", "").endswith("_") or kwargs.get("inplace") or any(a is True for a in args[1:])
    is_activation = in_place and _operations.activation_name(name, args, kwargs) is not None
    return args[0].detach().clone() if is_activation and args and isinstance(args[0], Tensor) else None


_HANDLERS: Mapping[str, Callable[[Record, Call], State | None]] = {
    **dict.fromkeys(_operations.LAYERS, _layers.layer),
    **dict.fromkeys(_operations.RECURRENT, _layers.recurrent),
    **dict.fromkeys(_operations.NORMS, _nonlinear.norm),
    **dict.fromkeys(_operations.MOMENTS, _flow.reduce),
    **dict.fromkeys(["add", "sub"], _arithmetic.add),
    **dict.fromkeys(["mul", "div"], _arithmetic.multiply),
    **dict.fromkeys(["write", "accumulate", "copy"], _flow.write),
    "matmul": _products.matmul,
    "addmm": _products.addmm,
    "einsum": _products.einsum,
    **dict.fromkeys(_operations.LOOKUPS, _layers.lookup),
    "scaled_dot_product_attention": _products.attention,
    "prelu": _nonlinear.prelu,
    "glu": _nonlinear.glu,
    "cat": _flow.join,
    "broadcast_tensors": _flow.spread,
}


def _see(record: Record, call: Call) -> None:
    """Notes what a call did."""
    if not call.tensors or call.name in _operations.MAKERS or _noise.is_refilled(record, call):
        for result in call.results:
            record.states[result] = Constant(noise=_noise.drawn(call))
    elif call.results or call.name == "write":
        state = _state(record, call)
        for result in call.results if state is not None else ():
            is_mask = isinstance(state, Signal) and state.trail[-1:] not in (("gt",), ("ge",)) and not is_real(result)
            record.states[result] = Constant(data=True) if is_mask else state


def _state(record: Record, call: Call) -> State | None:
    if call.name in _operations.LIKENED:
        del call.tensors[1:]
    states = [record.state(tensor) for tensor in call.tensors]
    handler = _HANDLERS.get(call.name)
    if not any(isinstance(state, Signal) for state in states) and not _begins(call, states):
        sources = [(t, state) for t, state in zip(call.tensors, states, strict=True) if isinstance(state, Derived)]
        if sources:
            for result in call.results:
                record.states[result] = derive(call, result, sources)
            return None
        is_data = any(state == Constant(data=True) for state in states)
        return Constant(data=is_data, noise=_noise.kept(call, states))
    if handler is not None:
        return handler(record, call)
    if call.name in ("maximum", "max") and Constant() in states:  # with zeros, as a rule
        return _nonlinear.activation(record, call, "relu")
    name = _operations.activation_name(call.name, call.args, call.kwargs)
    if name is not None and len(call.results) == 1:
        return _nonlinear.activation(record, call, name)
    return _flow.passing(record, call)


def _begins(call: Call, states: list[State]) -> bool:
    """Whether a layer takes what is no signal yet: ids, masks, constants, or parameters that become one."""
    if call.name == "matmul":
        return states[0] == Constant(data=True) and isinstance(states[1], Derived)
    if call.name in _operations.LOOKUPS:
        return isinstance(states[0], Derived) and Constant(data=True) in states[1:]
    is_fed = call.name in _operations.LAYERS or call.name in _operations.RECURRENT or call.name in _operations.NORMS
    return is_fed and any(isinstance(state, Derived) for state in states[1:])
