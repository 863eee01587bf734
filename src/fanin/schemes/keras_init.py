"""Keras's own laws, faults included.

Fans come from the shape (*kernel, in, out): fan_in = in·k, fan_out = out·k. A transposed kernel is stored (*kernel,
out, in), so its fans are swapped; a depthwise kernel (*kernel, in, multiplier) counts all channels as inputs of each
output, so its weights are too small by the root of their number; a 3-D attention kernel (d, heads, head size) is read
as a convolution (repaired in 3.15). `distribution="normal"` means *truncated*, and the *_normal initializers are
truncated, at 2 std and corrected. `TruncatedNormal(stddev)` is cut at 2 stddev and not corrected: its std is
0.8796·stddev. Without arguments the plain initializers use 0.05, and Constant 0. A vector of n has both fans n.
`Orthogonal` flattens to (all other axes, last axis): the four gates of an LSTM are one matrix.

Reference: Keras 3.16, keras/src/initializers/random_initializers.py; issue 11773 (depthwise), pull request 22789.
"""

from fanin.sampling.laws.stored_orthogonal import KERAS
from fanin.schemes._family import FRAMEWORK_MODES, family
from fanin.schemes._variant import variant
from fanin.schemes.constant import constant
from fanin.schemes.numpy_random import normal, uniform
from fanin.schemes.saxe import stored_orthogonal
from fanin.schemes.truncated import truncated_normal
from fanin.values import Scheme

_REFERENCE = "Keras 3.16, random_initializers.py"
_MODES = {mode: FRAMEWORK_MODES["keras"][mode] for mode in ("fan_in", "fan_out", "fan_avg")}
_DISTRIBUTIONS = {"normal": "truncated_normal", "untruncated_normal": "normal"}


@variant("keras:variance_scaling", "keras:VarianceScaling")
def keras_variance_scaling(scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal") -> Scheme:
    """Variance scale/fan with the fans of the shape; `normal` is truncated, `untruncated_normal` is not."""
    code = f"keras.initializers.VarianceScaling({scale:g}, '{mode}', '{distribution}')"
    return _family(scale, mode, _DISTRIBUTIONS.get(distribution, distribution), code)


@variant("keras:he_normal", "keras:HeNormal")
def keras_he_normal() -> Scheme:
    """Truncated normal of variance 2/fan_in, the fan of the shape."""
    return _family(2.0, "fan_in", "truncated_normal", "'he_normal'")


@variant("keras:he_uniform", "keras:HeUniform")
def keras_he_uniform() -> Scheme:
    """Uniform of variance 2/fan_in, the fan of the shape."""
    return _family(2.0, "fan_in", "uniform", "'he_uniform'")


@variant("keras:lecun_normal", "keras:LecunNormal")
def keras_lecun_normal() -> Scheme:
    """Truncated normal of variance 1/fan_in, the fan of the shape."""
    return _family(1.0, "fan_in", "truncated_normal", "'lecun_normal'")


@variant("keras:lecun_uniform", "keras:LecunUniform")
def keras_lecun_uniform() -> Scheme:
    """Uniform of variance 1/fan_in, the fan of the shape."""
    return _family(1.0, "fan_in", "uniform", "'lecun_uniform'")


@variant("keras:glorot_normal", "keras:GlorotNormal")
def keras_glorot_normal() -> Scheme:
    """Truncated normal of variance 2/(fan_in + fan_out), the fans of the shape."""
    return _family(1.0, "fan_avg", "truncated_normal", "'glorot_normal'")


@variant("keras:glorot_uniform", "keras:GlorotUniform")
def keras_glorot_uniform() -> Scheme:
    """Uniform of variance 2/(fan_in + fan_out), the fans of the shape."""
    return _family(1.0, "fan_avg", "uniform", "'glorot_uniform'")


@variant("keras:random_normal", "keras:RandomNormal", "keras:normal")
def keras_random_normal(mean: float = 0.0, stddev: float = 0.05) -> Scheme:
    """N(mean, stddev²), not truncated."""
    return normal(mean, stddev)


@variant("keras:random_uniform", "keras:RandomUniform", "keras:uniform")
def keras_random_uniform(minval: float = -0.05, maxval: float = 0.05) -> Scheme:
    """Uniform on [minval, maxval)."""
    return uniform(minval, maxval)


@variant("keras:truncated_normal", "keras:TruncatedNormal")
def keras_truncated_normal(mean: float = 0.0, stddev: float = 0.05) -> Scheme:
    """N(mean, stddev²) cut at 2 stddev, not corrected: std 0.8796·stddev."""
    return truncated_normal(mean, stddev)


@variant("keras:constant")
def keras_constant(value: float = 0.0) -> Scheme:
    """Every entry `value`."""
    return constant(value)


@variant("keras:orthogonal", "keras:OrthogonalInitializer", "orthogonalinitializer")
def keras_orthogonal(gain: float = 1.0) -> Scheme:
    """gain times one orthogonal matrix of all that is stored: columns are the last axis."""
    code = "'orthogonal'" if gain == 1 else f"keras.initializers.Orthogonal(gain={gain:g})"
    return stored_orthogonal(gain, KERAS, {"keras": code}, _REFERENCE)


def _family(scale: float, mode: str, distribution: str, code: str) -> Scheme:
    return family("keras", scale, _MODES, mode, distribution, _REFERENCE, {"keras": code}, "compatibility")
