"""ZerO: only zeros and ones, up to normalization: the identity, or where a layer widens a corner of a Hadamard matrix.

A widening identity leaves units at 0 and trains only in the space of the inputs; the Hadamard transform breaks that
symmetry without any randomness, so two runs are equal to the bit. Biases 0, last layer of each residual branch 0, and
kernels at the centre tap; training from it stays low-rank for long. Meant for residual networks with normalization; in
a plain stack every unit passes on one input. Normalised as in the authors' code: a column of all p rows has length 1.
Code written after the printed algorithm, whose factor is 2^(-(m-1)/2) with p = 2^m, is larger by sqrt(2).

Reference: Zhao, Schäfer & Anandkumar 2022, arXiv:2110.12661, Algorithm 1.
"""

from fanin.schemes._variant import variant
from fanin.values import Claims, Law, Scheme


@variant("zero_hadamard")
def zero_hadamard() -> Scheme:
    """Identity where out <= in, else the corner of H/sqrt(p), p the least power of 2 >= out; at the centre tap."""
    claims = Claims("", "", "", "")  # p and the sum of signs have no formula in the four operations
    return Scheme(
        "zero_hadamard",
        Law("partial_hadamard"),
        "1",
        "0",
        claims,
        "Zhao et al. 2022, arXiv:2110.12661",
        status="recent",
    )
