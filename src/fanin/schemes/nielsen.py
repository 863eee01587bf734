"""Nielsen's book: the "old" start N(0, 1) and the "new" one, N(0, 1)/sqrt(n_in); biases N(0, 1) in both.

With 1,000 inputs of which half are on, the old weights give a pre-activation of std sqrt(501) = 22.4, and almost every
hidden sigmoid starts saturated; the new ones give sqrt(3/2) = 1.22. On MNIST the new start reaches after one epoch what
the old one reaches after ten.

The book's program network3.py divides by the number of *outputs* instead, although the text says inputs:
`nielsen_network3`. Its convolutions divide by out·kernel/pool, and its last layer starts at zeros.

Reference: Nielsen 2015, Neural networks and deep learning, chapter 3, "Weight initialization".
"""

from fanin.errors import InputError
from fanin.schemes._variant import variant
from fanin.values import Claims, Law, Scheme
from fanin.values.formula import number

_REFERENCE = "Nielsen 2015, Neural networks and deep learning, chapter 3"


@variant("nielsen_old", "large_weight_initializer")
def nielsen_old() -> Scheme:
    """N(0, 1), whatever the number of inputs."""
    spelled = {
        "torch": "nn.init.normal_(w)",
        "keras": "keras.initializers.RandomNormal(0, 1)",
        "jax": "jax.nn.initializers.normal(1.0)",
    }
    return Scheme("nielsen_old", Law("normal"), "1", "0", Claims("0", "1"), _REFERENCE, spelled, "historical")


@variant("nielsen_new", "default_weight_initializer")
def nielsen_new() -> Scheme:
    """N(0, 1/fan_in): the same law as lecun_normal."""
    spelled = {
        "torch": "nn.init.kaiming_normal_(w, nonlinearity='linear')",
        "keras": "keras.initializers.VarianceScaling(1.0, 'fan_in', 'untruncated_normal')",
        "jax": "jax.nn.initializers.variance_scaling(1.0, 'fan_in', 'normal')",
    }
    return Scheme("nielsen_new", Law("normal"), "sqrt(1 / fan_in)", "0", Claims("0", "1 / fan_in"), _REFERENCE, spelled)


@variant("nielsen_network3")
def nielsen_network3(pool: float = 1.0) -> Scheme:
    """N(0, pool/fan_out): the book's network3.py; `pool` is the number of places that a pooling joins."""
    if not 1 <= pool < float("inf"):
        raise InputError(f"nielsen_network3: pool={pool:g}, expected the size of the pool, >= 1")
    second = f"{number(pool)} / fan_out"
    claims = Claims("0", second)
    return Scheme(
        "nielsen_network3",
        Law("normal"),
        f"sqrt({second})",
        "0",
        claims,
        f"{_REFERENCE}; network3.py",
        status="historical",
    )
