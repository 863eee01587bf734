"""JAX's own laws (`jax.nn.initializers`, used by Flax), faults included.

`uniform(scale)` is on [0, scale), all positive, with a default of 0.01; `normal()` too has a default of 0.01.
`truncated_normal(stddev)` is cut at 2 stddev and not corrected, while the *_normal initializers are truncated *and*
corrected; `variance_scaling(..., "normal")` is not truncated. Fans come from the shape (*kernel, in, out): fan_out of a
grouped kernel is too big by the number of groups, strides are not seen, and a batch of matrices is read as a
convolution unless `batch_axis` is given. `delta_orthogonal` needs in <= out and has its centre at (k-1)//2;
`orthogonal` flattens to (all other axes, last axis), whatever the groups.

Reference: JAX 2026-08, jax/_src/nn/initializers.py.
"""

from fanin.errors import InputError
from fanin.sampling.laws.stored_orthogonal import JAX
from fanin.schemes._family import FRAMEWORK_MODES, family
from fanin.schemes._variant import variant
from fanin.schemes.numpy_random import normal, uniform
from fanin.schemes.saxe import stored_orthogonal
from fanin.schemes.truncated import truncated
from fanin.schemes.xiao import delta
from fanin.values import Scheme

_REFERENCE = "JAX 2026-08, jax/_src/nn/initializers.py"
_MODES = FRAMEWORK_MODES["jax"]


@variant("jax:variance_scaling")
def jax_variance_scaling(scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal") -> Scheme:
    """Variance scale/fan with the fans of the shape; mode also fan_geo_avg; `normal` is not truncated."""
    return _family(scale, mode, distribution, f"variance_scaling({scale:g}, '{mode}', '{distribution}')")


@variant("jax:he_normal", "jax:kaiming_normal")
def jax_he_normal() -> Scheme:
    """Truncated normal of variance 2/fan_in, the fan of the shape."""
    return _family(2.0, "fan_in", "truncated_normal", "he_normal()")


@variant("jax:he_uniform", "jax:kaiming_uniform")
def jax_he_uniform() -> Scheme:
    """Uniform of variance 2/fan_in, the fan of the shape."""
    return _family(2.0, "fan_in", "uniform", "he_uniform()")


@variant("jax:lecun_normal")
def jax_lecun_normal() -> Scheme:
    """Truncated normal of variance 1/fan_in, the fan of the shape: Flax's default."""
    return _family(1.0, "fan_in", "truncated_normal", "lecun_normal()")


@variant("jax:lecun_uniform")
def jax_lecun_uniform() -> Scheme:
    """Uniform of variance 1/fan_in, the fan of the shape."""
    return _family(1.0, "fan_in", "uniform", "lecun_uniform()")


@variant("jax:glorot_normal", "jax:xavier_normal")
def jax_glorot_normal() -> Scheme:
    """Truncated normal of variance 2/(fan_in + fan_out), the fans of the shape."""
    return _family(1.0, "fan_avg", "truncated_normal", "glorot_normal()")


@variant("jax:glorot_uniform", "jax:xavier_uniform")
def jax_glorot_uniform() -> Scheme:
    """Uniform of variance 2/(fan_in + fan_out), the fans of the shape."""
    return _family(1.0, "fan_avg", "uniform", "glorot_uniform()")


@variant("jax:uniform")
def jax_uniform(scale: float = 0.01) -> Scheme:
    """Uniform on [0, scale): never negative."""
    if scale < 0:
        raise InputError(f"jax:uniform: scale={scale:g}, expected a number >= 0")
    return uniform(0.0, scale)


@variant("jax:normal")
def jax_normal(stddev: float = 0.01) -> Scheme:
    """N(0, stddev²), not truncated."""
    return normal(0.0, stddev)


@variant("jax:truncated_normal")
def jax_truncated_normal(stddev: float = 0.01, lower: float = -2.0, upper: float = 2.0) -> Scheme:
    """N(0, stddev²) cut at lower and upper, in units of stddev; not corrected."""
    code = f"jax.nn.initializers.truncated_normal({stddev:g}, lower={lower:g}, upper={upper:g})"
    return truncated(0.0, stddev, lower, upper, {"jax": code})


@variant("jax:orthogonal")
def jax_orthogonal(scale: float = 1.0) -> Scheme:
    """scale times one orthogonal matrix of all that is stored: columns are the last axis."""
    return stored_orthogonal(scale, JAX, {"jax": f"jax.nn.initializers.orthogonal(scale={scale:g})"}, _REFERENCE)


@variant("jax:delta_orthogonal")
def jax_delta_orthogonal(scale: float = 1.0) -> Scheme:
    """Delta-orthogonal with the centre of an even kernel at (k-1)//2."""
    return delta(scale, early=1.0)


def _family(scale: float, mode: str, distribution: str, code: str) -> Scheme:
    spelled = {"jax": f"jax.nn.initializers.{code}"}
    return family("jax", scale, _MODES, mode, distribution, _REFERENCE, spelled, "compatibility")
