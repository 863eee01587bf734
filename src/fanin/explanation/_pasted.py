"""A line of somebody's network: which layer it makes, how it fills the weight, what follows. It is parsed, never run.

`nn.Linear(784, 30); nn.init.xavier_uniform_(layer.weight)`, `layer.weight.data.normal_(0, 0.02)`,
`Dense(30, activation="relu", kernel_initializer="he_normal", input_shape=(784,))`, plain layers with their defaults.
"""

import ast
import contextlib
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from fanin.errors import ExpressionError, FaninError, UnknownName
from fanin.schemes import FOUNDING_SHAPE, read
from fanin.values import Formula
from fanin.values.activation import activation
from fanin.values.param import Layout

LONGEST = 2000

_SIZES = {"Linear": ("in_features", "out_features"), "LazyLinear": ("", "out_features"), "Dense": ("", "units")}
"""Arguments that are the numbers of inputs and of units; "" where the layer finds its inputs when it is called."""
_OTHER_LAYERS = ("Conv", "Embedding", "LSTM", "GRU", "RNN", "Multihead", "Bilinear", "SeparableConv", "DepthwiseConv")
_WRAPPERS = {"Parameter", "Variable", "tensor", "as_tensor", "from_numpy", "asarray", "array", "convert_to_tensor"}
_FILLS = {"zero_": "zeros", "fill_": "constant"}
_OF_NO_INTEREST = {"requires_grad_", "to_", "cuda_"}
_NOT_ELEMENTWISE = {"softmax", "log_softmax", "logsoftmax"}
_NO_LAYERS = {"sin", "erf", "linear", "none", "identity"}  # names of functions that stand for other things in a formula


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a line says.

    Attributes:
        init: how the weight is filled, as an expression.
        shape: (out, in). is_sized: whether the line gives both sizes; else some are the founding question's.
        activation: what consumes the output, if the line says.
        layout: how the framework stores the weight.
    """

    init: str
    shape: tuple[int, int] | None = None
    is_sized: bool = True
    activation: str | None = None
    layout: Layout | None = None


def pasted(text: str) -> Pasted | None:
    """What a line of a network says; None if it is no more than an expression.

    Raises:
        ExpressionError: several layers, a layer that is not dense, or a weight that is filled in a way not known here.

    Example:
        >>> pasted("nn.Linear(784, 30); nn.init.zeros_(layer.weight)")
        Pasted(init='torch.zeros_()', shape=(30, 784), is_sized=True, activation=None, layout='oi')
    """
    tree = _parsed(text)
    if tree is None:
        return None
    nodes = sorted(
        (node for node in ast.walk(tree) if isinstance(node, (ast.Call, ast.Assign))),
        key=lambda node: (node.lineno, node.col_offset),
    )
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    layer = _layer(calls, text)
    names = {
        n.targets[0].id: n.value for n in nodes if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)
    }
    fills = [fill for node in nodes if (fill := _fill(node, text)) is not None]
    variable = next((node for node in calls if _name(node.func) in {"Parameter", "Variable"} and node.args), None)
    if layer is None and not fills:
        return _line(tree) if variable is None else Pasted(_shown(variable), layout=_stored(variable))
    init = fills[-1] if fills else _default(layer, names) if layer is not None else ""
    shape, is_sized = (None, True) if layer is None else _shape(layer)
    return Pasted(init, shape, is_sized, _activation(calls), None if layer is None else _stored(layer))


def _parsed(text: str) -> ast.Module | None:
    """The syntax tree; None where there is none: then the reader of expressions says what is wrong."""
    if len(text) > LONGEST:
        raise ExpressionError(f"more than {LONGEST} characters", text, LONGEST)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(textwrap.dedent(text).strip())
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _line(tree: ast.Module) -> Pasted | None:
    """Of several statements, such as an import and a seed before it, the first that draws a weight."""
    for statement in tree.body if len(tree.body) > 1 else ():
        if isinstance(statement, (ast.Assign, ast.Expr)):
            is_bias = isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]).lower().startswith("b")
            with contextlib.suppress(FaninError):
                if not is_bias:
                    read(ast.unparse(statement.value))
                    return Pasted(ast.unparse(statement.value))
    return None


def _layer(calls: Sequence[ast.Call], text: str) -> ast.Call | None:
    """The one dense layer.

    Raises:
        ExpressionError: several, or one that is not dense.
    """
    dense = [call for call in calls if _name(call.func) in _SIZES]
    if len(dense) > 1:
        raise _error(f"{len(dense)} layers are here; give one layer with its initialization", text, dense[1])
    others = [call for call in calls if _name(call.func).startswith(_OTHER_LAYERS)]
    if others and not dense:
        name = _name(others[0].func)
        raise _error(f"{name} is not a dense layer; known are nn.Linear and Dense", text, others[0])
    return dense[0] if dense else None


def _fill(node: ast.Call | ast.Assign, text: str) -> str | None:
    """How a statement fills a weight, as an expression; None if it fills none."""
    if isinstance(node, ast.Assign):
        return _shown(node.value) if _is_weight(node.targets[0]) else None
    if not isinstance(node.func, ast.Attribute | ast.Name) or not _name(node.func).endswith("_"):
        return None
    method = isinstance(node.func, ast.Attribute) and _is_weight(node.func.value)
    name, arguments = _name(node.func), node.args if method else node.args[1:]
    if not method and not (node.args and _is_weight(node.args[0])):
        return None
    if name in _OF_NO_INTEREST:
        return None
    if name == "copy_" and len(arguments) == 1:
        return _shown(arguments[0])
    if method and name not in {"normal_", "uniform_", *_FILLS}:
        raise _error(f"{name} is no initialization that I know", text, node)
    known = _FILLS.get(name, f"torch.{name}")
    return ast.unparse(ast.Call(ast.Name(known), arguments, [k for k in node.keywords if k.arg != "tensor"]))


def _is_weight(node: ast.expr) -> bool:
    """`layer.weight`, `self.fc.weight.data`, `model[0].weight`: by its name, so that no bias is meant."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        if isinstance(node, ast.Attribute) and node.attr in {"weight", "kernel"}:
            return True
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name) and node.id in {"weight", "kernel"}


def _shown(node: ast.expr) -> str:
    """An expression without what only turns it into a tensor or a parameter."""
    while isinstance(node, ast.Call) and _name(node.func) in _WRAPPERS and node.args:
        node = node.args[0]
    return ast.unparse(node)


def _default(layer: ast.Call, names: dict[str, ast.expr]) -> str:
    """What a layer's own arguments say, or what its framework does if nobody chooses."""
    given = {keyword.arg: keyword.value for keyword in layer.keywords}
    for argument, framework in (("kernel_initializer", "keras"), ("kernel_init", "jax")):
        if argument in given:
            found = given[argument]
            return _initializer(names.get(found.id, found) if isinstance(found, ast.Name) else found, framework)
    if _name(layer.func) != "Dense":
        return "torch_default"
    return "jax:lecun_normal" if _is_flax(layer) else "keras_default"


def _initializer(node: ast.expr, framework: str) -> str:
    """`'he_normal'`, `HeNormal()`, `keras.initializers.RandomNormal(stddev=0.1)` in that framework's own meaning."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        return f"{framework}:{node.value}"
    if isinstance(node, ast.Call):
        return ast.unparse(ast.Call(ast.Name(f"{framework}.{_name(node.func)}"), node.args, node.keywords))
    return f"{framework}:{_name(node)}" if _name(node) else ast.unparse(node)


def _shape(layer: ast.Call) -> tuple[tuple[int, int] | None, bool]:
    """(out, in), and whether the line gives both; the founding question's size stands for a missing one."""
    given = {keyword.arg: keyword.value for keyword in layer.keywords}
    inputs_name, units_name = _SIZES[_name(layer.func)]
    places = list(layer.args)
    inputs = given.get(inputs_name) or (places.pop(0) if inputs_name and places else None)
    units = given.get(units_name) or given.get("features") or (places.pop(0) if places else None)
    if not inputs_name:
        shape = given.get("input_shape")
        inputs = given.get("input_dim") or (shape.elts[-1] if isinstance(shape, ast.Tuple) and shape.elts else None)
    sizes = [_whole(units), _whole(inputs)]
    if sizes == [None, None]:
        return None, False
    out, fan_in = (size or usual for size, usual in zip(sizes, FOUNDING_SHAPE, strict=True))
    return (out, fan_in), None not in sizes


def _whole(node: ast.expr | None) -> int | None:
    """A size such as 784 or 28 * 28; None for a name."""
    if node is not None:
        with contextlib.suppress(FaninError):
            value = Formula(ast.unparse(node))()
            return int(value) if 1 <= value <= 10**9 and value == int(value) else None
    return None


def _activation(calls: Sequence[ast.Call]) -> str | None:
    """`activation="relu"`, or a call of a nonlinearity: `nn.LeakyReLU(0.2)`, `F.relu(x)`, `Activation("tanh")`."""
    for call in calls:
        for keyword in call.keywords:
            if keyword.arg == "activation":
                return _known(_text(keyword.value))
        name = _name(call.func)
        if name == "Activation" and call.args:
            return _known(_text(call.args[0]))
        if name.lower() not in _NO_LAYERS and (found := _known(name)) is not None:
            slope = call.args[0] if call.args and found.startswith(("leaky_relu", "elu")) else None
            number = slope.value if isinstance(slope, ast.Constant) else None
            return f"{found.partition('(')[0]}({number})" if isinstance(number, float | int) else found
    return None


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else _name(node)


def _known(name: str) -> str | None:
    """The activation of a name; a softmax leaves the layer before it linear."""
    if name.lower() in _NOT_ELEMENTWISE:
        return "linear"
    with contextlib.suppress(UnknownName):
        return activation(name).name
    return None


def _stored(call: ast.Call) -> Layout:
    """Keras, Flax and TensorFlow store (in, out), PyTorch (out, in)."""
    return "io" if _name(call.func) in {"Dense", "Variable"} else "oi"


def _is_flax(layer: ast.Call) -> bool:
    func = layer.func
    return isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id in {"nn", "nnx"}


def _name(func: ast.expr) -> str:
    """`Linear` of `torch.nn.Linear`."""
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _error(message: str, text: str, node: ast.expr) -> ExpressionError:
    lines = text.splitlines(keepends=True)
    return ExpressionError(message, text, sum(map(len, lines[: node.lineno - 1])) + node.col_offset)
