"""Orthogonal: rows (or columns, if fewer) of equal length at right angles; and its special case, the identity.

A product of orthogonal matrices is orthogonal, so a deep linear network keeps the length of every vector, not only the
average length: dynamical isometry. Tanh networks come near it at a small gain; ReLU networks cannot. A kernel is
flattened to (out, in·kernel). If out > in, the entries have variance 1/out, and the output less than unit variance:
`scaled_orthogonal` mends that. `delta_orthogonal` is orthogonal as a convolution.

Every batch index, group and fused block has a matrix of its own: per head if heads are a batch axis, per gate if an
LSTM's (4H, H) is declared with 4 blocks. PyTorch, Keras and JAX make one matrix of all that is stored, so that no gate
and no group is orthogonal: `torch:orthogonal_`, `keras:orthogonal`, `jax:orthogonal`.

The identity as recurrent weights of a ReLU network, with zero biases, is IRNN: the state stays until input moves it.

Reference: Saxe, McClelland & Ganguli 2014, arXiv:1312.6120; Mezzadri 2007, arXiv:math-ph/0609050 (Haar measure by QR);
Le, Jaitly & Hinton 2015, arXiv:1504.00941 (identity for recurrent weights).
"""

from fanin.schemes._variant import variant
from fanin.values import Claims, Law, Scheme
from fanin.values.formula import number


@variant("orthogonal", "orthogonal_")
def orthogonal(gain: float = 1.0) -> Scheme:
    """gain times a semi-orthogonal matrix, uniform in the sense of Haar."""
    spelled = {
        "torch": f"nn.init.orthogonal_(w, gain={gain:g})",
        "keras": f"keras.initializers.Orthogonal(gain={gain:g})",
        "jax": f"jax.nn.initializers.orthogonal(scale={gain:g})",
    }
    bound = f"abs({number(gain)})"
    claims = Claims("0", f"({number(gain)})**2 / max(rows, columns)", f"-{bound}", bound, orthogonal=True)
    return Scheme(
        "orthogonal", Law("orthogonal"), number(gain), "0", claims, "Saxe et al. 2014, arXiv:1312.6120", spelled
    )


def stored_orthogonal(gain: float, framework: float, spelled: dict[str, str], reference: str) -> Scheme:
    """A framework's own: one matrix of all that it stores."""
    text = number(gain)
    # the second moment is gain²/max(units, all else), which the matrix of one group and block does not tell
    claims = Claims("0", "", f"-abs({text})", f"abs({text})")
    law = Law("stored_orthogonal", (("framework", framework),) if framework else ())
    return Scheme("stored_orthogonal", law, text, "0", claims, reference, spelled, "compatibility")


@variant("identity", "eye", "eye_", "irnn", "identityinitializer")
def identity(gain: float = 1.0) -> Scheme:
    """gain on the diagonal (at the centre tap of a kernel), 0 elsewhere."""
    spelled = {"torch": "nn.init.eye_(w)", "keras": f"keras.initializers.Identity(gain={gain:g})"}
    text = number(gain)
    share = "min(rows, channels) / (rows * columns)"
    ends = sorted((0.0, gain))
    claims = Claims(f"{text} * {share}", f"({text})**2 * {share}", number(ends[0]), number(ends[1]), orthogonal=True)
    return Scheme("identity", Law("identity"), text, "0", claims, "Le, Jaitly & Hinton 2015, arXiv:1504.00941", spelled)
