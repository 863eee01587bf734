"""What timm's models start with: He by fan_out for BatchNorm networks, 0.02 for the others.

A network with a BatchNorm is taken for a ResNet: convolutions N(0, 2/fan_out), the fan of the shape; the last norm of
each residual branch starts at 0, the others at 1; the classifier is PyTorch's nn.Linear. Any other network is taken for
a vision transformer: dense layers and tables truncated normal of std 0.02, the patch embedding PyTorch's convolution,
the classifier 0, LayerScale 1e-5. Biases are 0.

Paper and code: `trunc_normal_(std=.02)` in the code cuts at the absolute values ±2, so at 100 std: nothing is cut, and
that is what is done here. fan_out is not divided by the groups, so a ResNeXt's grouped kernels come out too small, in
front of a norm that mends it. Goyal et al. 2017 have the zero-gamma; He et al. 2015 prefer neither fan. The class token
of the code has std 1e-6; here it is a table like the others.

Reference: timm 1.0, timm/models/resnet.py, vision_transformer.py; Goyal et al. 2017, arXiv:1706.02677, §5.1; Touvron
et al. 2021 (LayerScale), arXiv:2103.17239.
"""

from fanin.recipes._network import Network
from fanin.recipes._recipe import MATRICES, TABLES, Choice, usual
from fanin.recipes.torch import choose as torch_default
from fanin.values import Param

VERSION = 1


def choose(param: Param, network: Network) -> Choice | None:
    """By the family of the network, then by role."""
    is_convolutional = any(node.op == "batch_norm" for node in network.graph.nodes)
    return _resnet(param, network) if is_convolutional else _transformer(param, network)


def _resnet(param: Param, network: Network) -> Choice | None:
    if param.role == "weight" and "kernel" in param.axes:
        return Choice("torch:kaiming_normal_(mode='fan_out', nonlinearity='relu')", "resnet: convolution")
    if param.role == "norm_scale" and network.writes(param):
        return Choice("zeros", "zero_init_last: the branch starts at 0")
    return usual(param) if param.role.startswith("norm") else torch_default(param, network)


def _transformer(param: Param, network: Network) -> Choice | None:
    node = network.node(param)
    if param.role == "scalar" and node is not None and node.kind == "scale":
        return Choice("constant(1e-05)", "LayerScale")
    if param.role == "weight" and network.is_head(param):
        return Choice("zeros", "classifier")
    if param.role == "weight" and "kernel" in param.axes:
        return Choice("torch:reset_parameters", "patch embedding")
    if param.role in (*MATRICES, *TABLES):
        return Choice("torch:trunc_normal_(std=0.02)", "vit: trunc_normal_(std=.02), which cuts nothing")
    return usual(param)
