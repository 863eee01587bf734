"""PyTorch's own laws, faults included: what `torch.nn.init` and the modules draw, not what they ought to.

`_calculate_fan_in_and_fan_out` sees a shape and no module: fan_in = size(1)·k, fan_out = size(0)·k. So

- grouped and depthwise kernels: fan_in is right, fan_out too big by the number of groups; xavier is too small;
- transposed kernels (in, out/groups, k): the fans are swapped and the stride is not seen;
- a packed QKV matrix (3E, E) is one wide layer: xavier gives each block half the variance it would have alone;
- a stack of experts (E, out, in) is read as a convolution.

`sparse_` empties a share of each column, so of the outgoing weights of an input, and uses std 0.01 whatever the size.
`calculate_gain` has 5/3 for tanh, found by trial, and 3/4 for selu, which undoes self-normalization. An embedding
starts at N(0, 1), whatever its width. `uniform_` is on [0, 1) unless told. `orthogonal_` flattens what is stored to
(first axis, all others): one matrix, whatever the groups and gates. `he_normal`, `glorot_uniform`, `sparse` and
`orthogonal` are the same ideas with true fans, a matrix to each group and gate.

Reference: PyTorch 2.13, torch/nn/init.py; issues 23854 (depthwise), 166378 (packed QKV), 24991 (selu).
"""

import math

from fanin.errors import InputError, UnknownName
from fanin.sampling.laws.stored_orthogonal import TORCH
from fanin.schemes._family import FRAMEWORK_MODES, family
from fanin.schemes._variant import variant
from fanin.schemes.numpy_random import uniform
from fanin.schemes.saxe import stored_orthogonal
from fanin.values import Claims, Law, Scheme
from fanin.values.formula import number

_REFERENCE = "PyTorch 2.13, torch/nn/init.py"
_XAVIER = {"both": "(torch_fan_in + torch_fan_out)"}
_GAINS = {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
_LINEAR = {"linear", "sigmoid", *(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3))}


@variant("torch:xavier_normal_", "torch:xavier_normal")
def torch_xavier_normal(gain: float = 1.0) -> Scheme:
    """N(0, 2·gain²/(fan_in + fan_out)) with the fans of the shape."""
    return _xavier("normal", gain)


@variant("torch:xavier_uniform_", "torch:xavier_uniform")
def torch_xavier_uniform(gain: float = 1.0) -> Scheme:
    """Uniform on ±gain·sqrt(6/(fan_in + fan_out)) with the fans of the shape."""
    return _xavier("uniform", gain)


@variant("torch:kaiming_normal_", "torch:kaiming_normal")
def torch_kaiming_normal(a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> Scheme:
    """N(0, gain²/fan) with a fan of the shape; gain by `calculate_gain`."""
    return _kaiming("normal", a, mode, nonlinearity)


@variant("torch:kaiming_uniform_", "torch:kaiming_uniform")
def torch_kaiming_uniform(a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> Scheme:
    """Uniform on ±gain·sqrt(3/fan) with a fan of the shape; gain by `calculate_gain`."""
    return _kaiming("uniform", a, mode, nonlinearity)


@variant("torch:reset_parameters")
def torch_reset_parameters() -> Scheme:
    """What Linear and Conv modules start with: uniform on ±1/sqrt(fan_in), the fan swapped if transposed."""
    return _kaiming("uniform", math.sqrt(5), "fan_in", "leaky_relu")


@variant("torch:uniform", "torch:uniform_")
def torch_uniform(a: float = 0.0, b: float = 1.0) -> Scheme:
    """Uniform on [a, b)."""
    return uniform(a, b)


@variant("torch:orthogonal_", "torch:orthogonal")
def torch_orthogonal(gain: float = 1.0) -> Scheme:
    """gain times one orthogonal matrix of all that is stored: rows are the first axis."""
    return stored_orthogonal(gain, TORCH, {"torch": f"nn.init.orthogonal_(w, gain={gain:g})"}, _REFERENCE)


@variant("torch:sparse_", "torch:sparse")
def torch_sparse(sparsity: float, std: float = 0.01) -> Scheme:
    """N(0, std²), with a share `sparsity` of each column of the (out, in) matrix set to 0, rounded up."""
    if not (0 <= sparsity <= 1 and 0 <= std < math.inf):
        raise InputError(f"sparse_: sparsity={sparsity:g}, std={std:g}; expected a share in [0, 1] and std >= 0")
    law = Law("sparse_columns", (("share", sparsity),))
    spelled = {"torch": f"nn.init.sparse_(w, {sparsity:g}, std={std:g})"}
    # the second moment is std²·(1 - ceil(sparsity·rows)/rows): rounding up has no formula
    return Scheme("sparse_", law, number(std), "0", Claims("0", ""), _REFERENCE, spelled, "compatibility")


@variant("torch:embedding")
def torch_embedding() -> Scheme:
    """N(0, 1): what nn.Embedding starts with."""
    spelled = {"torch": "nn.init.normal_(w)"}
    return Scheme("embedding", Law("normal"), "1", "0", Claims("0", "1"), _REFERENCE, spelled, "compatibility")


def calculate_gain(nonlinearity: str, a: float) -> float:
    """The gains of torch.nn.init.calculate_gain.

    >>> calculate_gain("tanh", 0.0)
    1.6666666666666667
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + a * a))
    if nonlinearity in _LINEAR:
        return 1.0
    if nonlinearity not in _GAINS:
        raise UnknownName("nonlinearity", nonlinearity, {"leaky_relu", *_LINEAR, *_GAINS})
    return _GAINS[nonlinearity]


def _xavier(distribution: str, gain: float) -> Scheme:
    spelled = {"torch": f"nn.init.xavier_{distribution}_(w, gain={gain:g})"}
    return family("xavier", 2 * gain * gain, _XAVIER, "both", distribution, _REFERENCE, spelled, "compatibility")


def _kaiming(distribution: str, a: float, mode: str, nonlinearity: str) -> Scheme:
    modes = {name: FRAMEWORK_MODES["torch"][name] for name in ("fan_in", "fan_out")}
    arguments = f"a={a!r}, mode='{mode}', nonlinearity='{nonlinearity}'"
    spelled = {"torch": f"nn.init.kaiming_{distribution}_(w, {arguments})"}
    gain = calculate_gain(nonlinearity, a)
    return family("kaiming", gain * gain, modes, mode, distribution, _REFERENCE, spelled, "compatibility")
