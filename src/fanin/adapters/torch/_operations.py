"""What a torch function means to the signal: one table. What stands in none of its rows passes a signal through.

Names are those of `func.__name__` without underscores at either end: `relu_`, `Tensor.relu`, `F.relu` are one function.
"""

from collections.abc import Mapping, Sequence
from typing import Any

SIGNATURES: Mapping[str, tuple[str, str]] = {
    "linear": ("dense", "input weight bias"),
    **{f"conv{n}d": ("conv", "input weight bias stride padding dilation groups") for n in (1, 2, 3)},
    **{
        f"conv_transpose{n}d": ("conv_transposed", "input weight bias stride padding output_padding groups dilation")
        for n in (1, 2, 3)
    },
    "bilinear": ("bilinear", "input1 input2 weight bias"),
    "embedding": ("embedding", "input weight"),
    "embedding_bag": ("embedding", "input weight"),
    "layer_norm": ("layer_norm", "input normalized_shape weight bias"),
    "rms_norm": ("rms_norm", "input normalized_shape weight"),
    "group_norm": ("group_norm", "input num_groups weight bias"),
    "batch_norm": ("batch_norm", "input running_mean running_var weight bias"),
    "instance_norm": ("instance_norm", "input running_mean running_var weight bias"),
    "local_response_norm": ("response_norm", "input"),
    "normalize": ("normalize", "input"),
    "prelu": ("prelu", "input weight"),
}
"""Functions that take weights by their names: what they are, and their arguments in order."""

LAYERS = {name for name, (op, _) in SIGNATURES.items() if not op.endswith(("norm", "normalize", "prelu"))}
NORMS = {name for name, (op, _) in SIGNATURES.items() if op.endswith(("norm", "normalize"))}

RECURRENT = {
    **dict.fromkeys(["lstm", "lstm_cell"], ("tanh", 4)),
    **dict.fromkeys(["gru", "gru_cell"], ("tanh", 3)),
    **dict.fromkeys(["rnn_tanh", "rnn_tanh_cell"], ("tanh", 1)),
    **dict.fromkeys(["rnn_relu", "rnn_relu_cell"], ("relu", 1)),
}
"""The nonlinearity that takes the weights' product, and how many gates are fused."""

ALIASES = {
    **dict.fromkeys(["radd", "iadd"], "add"),
    **dict.fromkeys(["rsub", "isub", "subtract"], "sub"),
    **dict.fromkeys(["rmul", "imul", "multiply"], "mul"),
    **dict.fromkeys(["truediv", "rtruediv", "itruediv", "divide", "true_divide"], "div"),
    **dict.fromkeys(["rmatmul", "mm", "bmm", "mv", "dot", "grouped_mm"], "matmul"),
    **dict.fromkeys(["baddbmm", "addbmm", "addmv"], "addmm"),
    **dict.fromkeys(["concat", "concatenate", "stack", "hstack", "vstack", "dstack", "column_stack"], "cat"),
    **dict.fromkeys(["logsigmoid"], "log_sigmoid"),
    **dict.fromkeys(["setitem", "index_copy", "index_put", "scatter", "masked_scatter", "slice_scatter"], "write"),
    **dict.fromkeys(["index_add", "scatter_add", "scatter_reduce", "index_reduce"], "accumulate"),
    **dict.fromkeys(["rpow", "ipow"], "pow"),
    **dict.fromkeys(["clip", "clamp_min", "clamp_max"], "clamp"),
    **dict.fromkeys(["arctan"], "atan"),
}

ACTIVATIONS = {
    "relu", "relu6", "gelu", "silu", "mish", "selu", "celu", "elu", "leaky_relu", "rrelu", "threshold",
    "tanh", "sigmoid", "softplus", "softsign", "log_sigmoid", "erf", "erfc", "sin", "cos", "tan",
    "atan", "sinh", "cosh", "hardswish", "hardtanh", "hardsigmoid", "hardshrink", "softshrink", "tanhshrink",
    "softmax", "log_softmax", "softmin", "gumbel_softmax", "exp", "expm1", "exp2", "log", "log1p",
    "abs", "sign", "sqrt", "rsqrt", "reciprocal", "square", "round", "floor", "gt", "ge",
}  # fmt: skip
"""Nonlinear functions of one signal, entry by entry, softmax among them."""

ARGUMENTS: Mapping[str, tuple[str, float]] = {"leaky_relu": ("negative_slope", 0.01), "elu": ("alpha", 1.0)}
"""The argument that an activation's name bears, and its default."""

QUIET = {"square", "sqrt", "rsqrt", "reciprocal", "gt", "ge", "abs", "round", "floor", "sign", "log"}
"""Those that are seldom an activation by themselves: steps of a norm, a mask, a hand-written activation."""

COMPOSED: Mapping[tuple[str, ...], str] = {
    ("relu", "square"): "relu2",
    ("exp", "log1p"): "softplus",
}
"""Activations written as one function after another."""

SELF_GATED: Mapping[tuple[str, ...], str] = {
    ("sigmoid",): "silu",
    ("gt",): "relu",
    ("ge",): "relu",
    ("relu6",): "hardswish",
    ("hardsigmoid",): "hardswish",
    ("softplus", "tanh"): "mish",
    ("erf",): "gelu",
    ("tanh",): "gelu",
    ("relu",): "relu2",
}
"""Activations written as x·f(x), by f."""

MOMENTS = {"mean": 1, "sum": 1, "amax": 1, "nanmean": 1, "var": 2, "std": 2, "norm": 2, "vector_norm": 2} | {
    "linalg_vector_norm": 2
}
"""Reductions, by whether they measure a place or a scale; the mean of squares does too."""

LIKENED = {"type_as", "expand_as", "view_as", "reshape_as", "to", "broadcast_to"}
"""Functions that take of their second tensor only its shape or its type."""

MAKERS = {"zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like", "randint_like"} | {
    "new", "new_zeros", "new_ones", "new_empty", "new_full", "new_tensor", "new_empty_strided", "bernoulli"
}  # fmt: skip
"""Functions that take of a tensor only its shape or its type, to make a new one."""

NOISES: Mapping[str, float] = {
    **dict.fromkeys(["randn", "randn_like", "normal"], 1.0),
    **dict.fromkeys(["rand", "rand_like", "uniform"], 1 / 3),
}
"""Mean square of random numbers, by the function that draws them."""

LOOKUPS = {"getitem", "index_select", "gather", "take", "take_along_dim"}

DROPOUT = {"dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout", "native_dropout"} | {
    "feature_alpha_dropout"
}


def plain(name: str) -> str:
    """The one name of a function's spellings.

    >>> plain("relu_"), plain("__radd__"), plain("bmm")
    ('relu', 'add', 'matmul')
    """
    name = name.strip("_")
    return ALIASES.get(name, name)


def bind(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a function of `SIGNATURES`, by their names."""
    return dict(zip(SIGNATURES[name][1].split(), args, strict=False)) | dict(kwargs)


def activation_name(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
    """The name of the nonlinearity, with its argument if it bears one; None for a function that is none.

    >>> activation_name("leaky_relu", (None, 0.2), {}), activation_name("clamp", (None,), {"min": 0})
    ('leaky_relu(0.2)', 'relu')
    """
    if name == "clamp":
        bounds = [*args[1:3], None, None][:2]
        return _CLAMPS.get((kwargs.get("min", bounds[0]), kwargs.get("max", bounds[1])))
    if name == "pow":
        return _POWERS.get(kwargs.get("exponent", args[1] if len(args) > 1 else None))
    if name not in ARGUMENTS:
        return name if name in ACTIVATIONS else None
    argument = ARGUMENTS[name]
    value = kwargs.get(argument[0], args[1] if len(args) > 1 else argument[1])
    return name if name == "elu" and value == 1 else f"{name}({value:g})"


_CLAMPS: Mapping[Any, str] = {(0, None): "relu", (0, 6): "relu6", (-1, 1): "hardtanh"}
_POWERS: Mapping[Any, str] = {2: "square", 0.5: "sqrt", -0.5: "rsqrt", -1: "reciprocal"}
