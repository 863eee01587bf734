"""What was seen while a model ran: its nodes so far, the state of each tensor, and how each parameter was used."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from torch import Tensor, nn
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakTensorKeyDictionary

from fanin.adapters.torch import _names
from fanin.adapters.torch._states import Constant, Derived, Signal, State
from fanin.adapters.torch._use import Layout, Use, is_real, table_axes
from fanin.values import Node
from fanin.values.graph import Kind


class Watch(Protocol):
    """Who looks on while a model runs.

    A node that gets its bias later, or whose activation is written in several steps, is shown again: the last call
    holds.
    """

    def output(self, node: Node, z: Tensor) -> None:
        """A node has computed its output, before any activation."""

    def activated(self, node: Node, name: str, z: Tensor, a: Tensor) -> None:
        """The activation that takes its output was applied: a = name(z)."""


class Record:
    """Nodes by name, in order; states of tensors, held weakly; first uses of parameters."""

    def __init__(self, model: nn.Module, watch: Watch | None) -> None:
        self.watch = watch
        self.is_called = False  # the model was, so that its inputs are known
        self.modules = _names.modules(model)
        self.parameters = _names.parameters(model)
        self.path_of = {id(tensor): path for path, tensor in self.parameters.items()}
        self.constants = {id(tensor) for tensor in _names.constants(model)}
        self.nodes: dict[str, Node] = {"input": Node("input", "input", "input")}
        self.states: Any = WeakTensorKeyDictionary()
        self.uses: dict[str, Use] = {}
        self.values: dict[str, Tensor] = {}
        self.stack: list[nn.Module] = []
        self.layouts: dict[str, Layout] = {}  # of the outputs of layers
        self.centred: set[str] = set()  # nodes whose mean was taken off their output
        self.packed: dict[str, int] = {}  # of a parameter that is known to hold several layers
        self.parts: dict[str, set[frozenset[int]]] = {}  # features of the slices that it is cut into

    def state(self, tensor: Tensor) -> State:
        """What a tensor is; one that was never seen is the input, or comes from code that torch functions hide."""
        known = self.states.get(tensor)
        if known is None:
            known = self.states[tensor] = self._unseen(tensor)
        return known  # type: ignore[no-any-return]

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """The model is called: from now on, a tensor that was never seen was hidden from us, if these are plain."""
        leaves = tree_leaves((args, kwargs))
        for tensor in leaves:
            if isinstance(tensor, Tensor) and isinstance(self.state(tensor), Constant):
                self.states[tensor] = Signal("input") if is_real(tensor) else Constant(data=True)
        self.is_called = all(isinstance(leaf, (Tensor, int, float, str, type(None))) for leaf in leaves)

    def _unseen(self, tensor: Tensor) -> State:
        path = self.path_of.get(id(tensor))
        if path is not None:
            return Derived((path,), (tuple(range(tensor.ndim)),))
        if id(tensor) in self.constants:
            return Constant()
        base = tensor._base
        if base is not None and base in self.states:
            return self.state(base)
        if not is_real(tensor):
            return Constant(data=True)
        if self.is_called and len(self.nodes) > 1:
            return self.add("other", "opaque", [Signal(next(reversed(self.nodes)))], [tensor])
        return Signal("input")

    def signals(self, tensors: Iterable[Tensor]) -> list[Signal]:
        """The signals among tensors; parameters among them become sources."""
        states = [self.state(tensor) for tensor in tensors]
        flows = [self.promote(state) if isinstance(state, Derived) else state for state in states]
        return [flow for flow in flows if isinstance(flow, Signal)]

    def sources(self, tensors: Sequence[Tensor]) -> list[Signal]:
        """Where a layer's signal comes from; what integers and masks of the input became is the input too."""
        data = [Signal("input") for tensor in tensors if self.state(tensor) == Constant(data=True)]
        return self.signals(tensors) or data

    def promote(self, state: Derived) -> Signal:
        """A source node of parameters that are a signal themselves: a class token, learned queries."""
        name = _names.node_name(state.paths[0])
        if name not in self.nodes:
            self.nodes[name] = self._node(name, "input", "parameter", (), state.paths)
            for path in state.paths:
                self.use(path, Use(name, "token", table_axes(self.parameters[path])))
        return Signal(name)

    def add(
        self, kind: Kind, op: str, sources: Sequence[Signal], results: Sequence[Tensor], *, name: str | None = None,
        paths: tuple[str, ...] = (),
    ) -> Signal:  # fmt: skip
        """A new node, whose output the results are."""
        inputs = tuple(dict.fromkeys(source.node for source in sources))
        for source in sources:
            self._settle(source)
        name = self._free(f"{self.path}.{op}".lstrip("."), "_") if name is None else self._free(name, "#")
        self.nodes[name] = self._node(name, kind, op, inputs, paths)
        for result in results:
            self.states[result] = Signal(name)
        self.show(name, results)
        return Signal(name)

    def _settle(self, source: Signal) -> None:
        """A square, or another function that is more often a step of something, was the activation after all."""
        if source.trail and not source.moment and self.nodes[source.node].activation == "linear":
            is_mask = source.trail[-1] in ("gt", "ge")
            self.change(source.node, activation="piecewise" if is_mask else source.trail[-1])

    def _node(self, name: str, kind: Kind, op: str, inputs: tuple[str, ...], paths: tuple[str, ...]) -> Node:
        frozen = bool(paths) and not any(self.parameters[path].requires_grad for path in paths)
        return Node(name, kind, op, inputs, params=paths, frozen=frozen)

    def _free(self, name: str, mark: str) -> str:
        count, found = 2 if mark == "#" else 1, name
        while found in self.nodes:
            found, count = f"{name}{mark}{count}", count + 1
        return found

    @property
    def path(self) -> str:
        """Of the module that runs."""
        return next((self.modules[id(m)] for m in reversed(self.stack) if id(m) in self.modules), "")

    def show(self, name: str, results: Sequence[Tensor]) -> None:
        """Tells the watch of a node's output."""
        if self.watch is not None and results and is_real(results[0]):
            self.watch.output(self.nodes[name], results[0])

    def extend(self, name: str, paths: tuple[str, ...], results: Sequence[Tensor]) -> None:
        """More parameters for a node, such as a bias that is added by hand; the results are its output now."""
        self.change(name, params=tuple(dict.fromkeys((*self.nodes[name].params, *paths))))
        self.show(name, results)

    def change(self, name: str, **facts: Any) -> None:
        """Facts of a node that are known only now."""
        self.nodes[name] = replace(self.nodes[name], **facts)

    def activate(self, name: str, activation: str, z: Tensor, a: Tensor, *, refined: bool = False) -> None:
        """A nonlinearity takes the output of a node; the first one counts, unless it was a step of this one."""
        if refined or self.nodes[name].activation == "linear":
            self.change(name, activation=activation)
            if self.watch is not None:
                self.watch.activated(self.nodes[name], activation, z, a)

    def use(self, path: str, use: Use) -> None:
        """How a parameter is used; the first time counts, unless it said less."""
        before = self.uses.get(path)
        if before is None or before.role == "state" or (before.role, use.role) == ("token", "embedding"):
            self.uses[path] = use
