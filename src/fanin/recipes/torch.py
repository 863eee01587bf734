"""What PyTorch's modules start with, faults included.

Linear and convolutions: uniform on ±1/sqrt(fan_in) for the weight (variance a third of LeCun's) and for the bias, with
the fan that PyTorch reads off the shape: of a transposed kernel the wrong one. Recurrent layers: uniform on
±1/sqrt(hidden size) for everything. nn.MultiheadAttention: Glorot uniform, its packed (3E, E) matrix taken for one wide
layer, and biases of 0. Embeddings: N(0, 1). Norms: the identity. PReLU: 0.25. Parameters of one's own have no default.

Paper and code: the a = sqrt(5) of kaiming_uniform_ in the code is no slope; it makes the bound 1/sqrt(fan_in), kept
from Torch7. LeCun et al. 1998, whom Torch7 cited, have sqrt(3/fan_in).

Reference: PyTorch 2.13, reset_parameters of torch/nn/modules; issue 15314.
"""

from fanin.recipes._network import Network
from fanin.recipes._recipe import Choice, usual, usual_prelu
from fanin.values import Node, Param

VERSION = 1
_BOUND = "uniform(-1, 1)*sqrt(1 / {})"


def choose(param: Param, network: Network) -> Choice | None:
    """By the kind of module."""
    node = network.node(param)
    if param.role == "recurrent" or (node is not None and node.op == "recurrent"):
        return Choice(_BOUND.format("fan_out"), "a recurrent layer: one bound, of its hidden size, for all")
    if _is_of_attention(param, network):
        return Choice("zeros" if param.role == "bias" else "torch:xavier_uniform_", "nn.MultiheadAttention")
    match param.role:
        case "embedding" | "position" | "token":
            return Choice("torch:embedding", "nn.Embedding")
        case "weight":
            return Choice("torch:reset_parameters", "nn.Linear, nn.Conv: kaiming_uniform_(a=sqrt(5))")
        case "bias":
            return Choice(_bias(node), "the bound of its weight")
    return usual(param) or usual_prelu(param, network, 0.25)


def _bias(node: Node | None) -> str:
    is_transposed = node is not None and node.op == "conv_transposed"
    return _BOUND.format("fan_out" if is_transposed else "fan_in")


def _is_of_attention(param: Param, network: Network) -> bool:
    """The packed or separate projections of nn.MultiheadAttention, and the bias of its last one."""
    module, _, name = param.path.rpartition(".")
    if name == "bias":
        module = module.removesuffix(".out_proj")
        return f"{module}.in_proj_bias" in network.by_path and param.path == f"{module}.out_proj.bias"
    return name in {"in_proj_weight", "in_proj_bias", "q_proj_weight", "k_proj_weight", "v_proj_weight"}
