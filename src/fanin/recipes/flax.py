"""What Flax's layers start with: LeCun's truncated normal and zeros.

Dense, convolutions, attention and the input matrices of recurrent cells: truncated normal of variance 1/fan_in, the fan
of the shape. Recurrent matrices: orthogonal, per gate. Embeddings: N(0, 1/d), d the width. Biases 0, of the forget gate
too. Norms the identity. PReLU 0.01.

Paper and code: LeCun et al. 1998 ask for variance 1/fan_in of inputs that are standardised, in front of a scaled tanh;
the cut at 2 std is the code's, with the std corrected for it. In front of ReLU it loses a factor of sqrt(2) per layer.

Reference: Flax 0.12, flax/linen; JAX, jax/_src/nn/initializers.py; LeCun et al. 1998, §4.6.
"""

from fanin.recipes._network import Network
from fanin.recipes._recipe import Choice, usual, usual_prelu
from fanin.values import Param

VERSION = 1


def choose(param: Param, network: Network) -> Choice | None:
    """By the kind of layer."""
    match param.role:
        case "recurrent":
            return Choice("orthogonal", "recurrent_kernel_init, per gate")
        case "weight":
            return Choice("jax:lecun_normal", "kernel_init of Dense and Conv")
        case "embedding" | "position" | "token":
            return Choice("embedding_scaled", "embedding_init")
    return usual(param) or usual_prelu(param, network, 0.01)
