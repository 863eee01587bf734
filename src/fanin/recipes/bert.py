"""BERT: every matrix and table N(0, 0.02²) cut at 2 std, whatever the width.

Biases 0, norms the identity. 0.02 suits a width of 2,500 (1/sqrt(d)) and is small for less; the norm behind every sum
makes up for it.

Paper and code: the paper says nothing of it. Its TensorFlow code cuts at 2 std and does not correct, so the std of the
weights is 0.0176; the PyTorch port draws an uncut normal of std 0.02 (that is `gpt2` without its depth rule).

Reference: Devlin et al. 2019, arXiv:1810.04805; google-research/bert, modeling.py, create_initializer.
"""

from fanin.recipes._network import Network
from fanin.recipes._recipe import MATRICES, TABLES, Choice, usual
from fanin.values import Param

VERSION = 1


def choose(param: Param, network: Network) -> Choice | None:
    """0.02, cut, for all that has more than one axis."""
    if param.role in (*MATRICES, *TABLES):
        return Choice("bert", "truncated_normal_initializer(0.02)")
    return usual(param)
