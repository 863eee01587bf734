"""What Keras's layers start with: Glorot uniform and zeros.

Dense, convolutions and the input matrix of recurrent layers: Glorot uniform with the fans of the shape, so that a
depthwise kernel counts all channels as inputs, and fused gates are one wide layer. Recurrent matrices: orthogonal.
Embeddings: uniform on ±0.05. Biases 0, the forget gate of an LSTM 1. Norms the identity. PReLU 0.

Paper and code: Glorot & Bengio derive the rule for units that are linear around 0; Keras uses it in front of ReLU too,
which loses a factor of sqrt(2) per layer. Keras makes the whole (H, 4H) recurrent matrix orthogonal, where no gate is;
here each gate is, as Saxe et al. would have it: the std is half as large there for 4 gates.

Reference: Keras 3.16, keras/src/layers; Glorot & Bengio 2010, AISTATS, Eq. 16.
"""

from fanin.recipes._network import Network
from fanin.recipes._recipe import Choice, usual, usual_prelu
from fanin.values import Param

VERSION = 1


def choose(param: Param, network: Network) -> Choice | None:
    """By the kind of layer."""
    node = network.node(param)
    is_recurrent = node is not None and node.op == "recurrent"
    match param.role:
        case "recurrent":
            return Choice(f"orthogonal(gain={param.blocks**-0.5:.9g})", "the std of one orthogonal (H, 4H) matrix")
        case "weight":
            return Choice("keras:glorot_uniform", "kernel_initializer of Dense and Conv")
        case "embedding" | "position" | "token":
            return Choice("uniform(-0.05, 0.05)", "embeddings_initializer")
        case "bias" if is_recurrent and param.blocks == 4 and "_hh" not in param.path:
            return Choice("forget_gate", "unit_forget_bias")
    return usual(param) or usual_prelu(param, network, 0.0)
