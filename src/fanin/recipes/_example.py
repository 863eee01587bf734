"""Small networks as data, without a framework: what recipes are shown, tested and explained with."""

from itertools import pairwise

from fanin.recipes._network import Network
from fanin.values import Graph, Node, Param
from fanin.values.graph import chain
from fanin.values.param import Axis, Role, bias, dense


def plain(sizes: tuple[int, ...] = (20, 64, 64, 10), activation: str = "relu") -> Network:
    """Dense layers, one after the other."""
    params: list[Param] = []
    for i, (before, after) in enumerate(pairwise(sizes)):
        is_last = i == len(sizes) - 2
        weight = dense(f"{i}.weight", (after, before), activation="linear" if is_last else activation, depth=i)
        params += [weight, bias(f"{i}.bias", after, weight)]
    weights, biases = [p.path for p in params[::2]], [p.path for p in params[1::2]]
    return Network(tuple(params), chain(weights, activation, "linear", biases))


def residual(blocks: int = 4, width: int = 32, layers: int = 2, norm: bool = False, scale: bool = False) -> Network:
    """A stem, blocks of convolutions that are added to a stream, and a head."""
    build = _Builder()
    stream = build.conv("stem", ("input",), 3, width)
    for b in range(blocks):
        last = stream
        for i in range(layers):
            is_end = i == layers - 1
            last = build.conv(f"blocks.{b}.conv{i}", (last,), width, width, ends=is_end and not norm and not scale)
            if norm:
                last = build.norm(f"blocks.{b}.bn{i}", last, width, "batch_norm")
        if scale:
            last = build.scale(f"blocks.{b}.alpha", last)
        stream = build.add(f"blocks.{b}.add", (stream, last), "relu")
    build.dense("head", (stream,), width, 10, output=True)
    return build.network()


def transformer(blocks: int = 2, width: int = 32, tied: bool = False, norms: str = "pre") -> Network:
    """Token and position tables, blocks of attention and a gated feed-forward, and a head."""
    build = _Builder()
    tables = [build.table(name, rows, width) for name, rows in (("wte", 100), ("wpe", 16))]
    stream = build.add("add", tuple(tables))
    for b in range(blocks):
        for part in (_attention, _feedforward):
            name = f"h.{b}.{part.__name__.strip('_')}"
            read = build.norm(f"{name}.ln", stream, width) if norms == "pre" else stream
            stream = build.add(f"{name}.add", (stream, part(build, name, read, width)))
            stream = build.norm(f"{name}.ln", stream, width) if norms == "post" else stream
    stream = build.norm("ln_f", stream, width) if norms == "pre" else stream
    if tied:
        build.nodes.append(Node("head", "layer", "dense", (stream,), "linear", ("wte.weight",), output=True))
    else:
        build.dense("head", (stream,), width, 100, output=True)
    return build.network()


def recurrent(inputs: int = 8, width: int = 16) -> Network:
    """An LSTM and a head."""
    build = _Builder()
    matrix: tuple[Axis, ...] = ("out", "in")
    weight = Param("lstm.weight_ih_l0", (4 * width, inputs), matrix, blocks=4)
    state = Param("lstm.weight_hh_l0", (4 * width, width), matrix, "recurrent", blocks=4)
    biases = [bias(f"lstm.bias_{each}_l0", 4 * width, state, blocks=4) for each in ("ih", "hh")]
    build.params += [weight, state, *biases]
    build.nodes.append(Node("lstm", "layer", "recurrent", ("input",), "linear", tuple(p.path for p in build.params)))
    build.dense("head", ("lstm",), width, 3, output=True)
    return build.network()


def all_kinds() -> tuple[Network, ...]:
    """One of each kind, with its variations."""
    return (
        plain(),
        plain((20, *[64] * 20, 10), "tanh"),
        plain((2, 64, 64, 3), "sin"),
        residual(),
        residual(norm=True),
        residual(layers=3),
        residual(scale=True),
        transformer(),
        transformer(tied=True),
        transformer(norms="post"),
        recurrent(),
    )


def _attention(build: "_Builder", name: str, read: str, width: int) -> str:
    parts = [build.dense(f"{name}.{each}", (read,), width, width) for each in ("q", "k", "v")]
    build.nodes.append(Node(f"{name}.sdpa", "product", "attention", tuple(parts)))
    return build.dense(f"{name}.proj", (f"{name}.sdpa",), width, width, ends=True)


def _feedforward(build: "_Builder", name: str, read: str, width: int) -> str:
    gate = build.dense(f"{name}.gate", (read,), width, 4 * width, "silu")
    up = build.dense(f"{name}.up", (read,), width, 4 * width)
    build.nodes.append(Node(f"{name}.mul", "product", "mul", (gate, up)))
    return build.dense(f"{name}.down", (f"{name}.mul",), 4 * width, width, ends=True)


class _Builder:
    """Nodes and parameters, one call after the other; each returns the name of its node."""

    def __init__(self) -> None:
        self.nodes = [Node("input", "input", "input")]
        self.params: list[Param] = []

    def layer(self, name: str, op: str, inputs: tuple[str, ...], weight: Param, output: bool = False) -> str:
        shift = bias(f"{name}.bias", weight.size("out"), weight)
        self.params += [weight, shift]
        self.nodes.append(Node(name, "layer", op, inputs, weight.activation, (weight.path, shift.path), output))
        return name

    def dense(
        self,
        name: str,
        inputs: tuple[str, ...],
        fan_in: int,
        fan_out: int,
        activation: str = "linear",
        ends: bool = False,
        output: bool = False,
    ) -> str:
        weight = dense(f"{name}.weight", (fan_out, fan_in), activation=activation, residual_follows=ends)
        return self.layer(name, "dense", inputs, weight, output)

    def conv(self, name: str, inputs: tuple[str, ...], fan_in: int, fan_out: int, ends: bool = False) -> str:
        axes: tuple[Axis, ...] = ("out", "in", "kernel", "kernel")
        activation = "linear" if ends else "relu"
        shape = (fan_out, fan_in, 3, 3)
        return self.layer(
            name, "conv", inputs, Param(f"{name}.weight", shape, axes, activation=activation, residual_follows=ends)
        )

    def table(self, name: str, rows: int, width: int) -> str:
        role: Role = "position" if name == "wpe" else "embedding"
        self.params.append(Param(f"{name}.weight", (rows, width), ("lookup", "out"), role))
        self.nodes.append(Node(name, "layer", "embedding", ("input",), "linear", (f"{name}.weight",)))
        return name

    def norm(self, name: str, read: str, width: int, op: str = "layer_norm") -> str:
        vectors = (f"{name}.weight", "norm_scale"), (f"{name}.bias", "norm_shift")
        self.params += [Param(path, (width,), ("out",), role=role) for path, role in vectors]  # type: ignore[arg-type]
        self.nodes.append(Node(name, "norm", op, (read,), "linear", tuple(path for path, _ in vectors)))
        return name

    def scale(self, name: str, read: str) -> str:
        self.params.append(Param(name, (1,), ("out",), role="scalar"))
        self.nodes.append(Node(name, "scale", "scale", (read,), "linear", (name,)))
        return name

    def add(self, name: str, inputs: tuple[str, ...], activation: str = "linear") -> str:
        self.nodes.append(Node(name, "sum", "add", inputs, activation))
        return name

    def network(self) -> Network:
        return Network(tuple(self.params), Graph(tuple(self.nodes)))
