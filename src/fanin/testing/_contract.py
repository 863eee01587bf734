"""What every contract needs: the error, how an item is held to something, and whether it is for a parameter."""

from fanin import schemes
from fanin.errors import InputError
from fanin.values import Param, Scheme

SIGMAS = 4.5
"""Standard errors within which a statistical check passes, at its fixed seed."""


class ContractError(AssertionError):
    """An item does not do what it says of itself."""

    __module__ = "fanin.testing"  # where it is public, and what a traceback says


def require(condition: bool, what: str) -> None:
    """Hold an item to something.

    Raises:
        ContractError: it is not so.
    """
    if not condition:
        raise ContractError(f"does not hold: {what}")


def accepts(scheme: Scheme, param: Param) -> bool:
    """Whether the scheme has values for such a parameter; a vector is no matrix whose rows could be at right angles."""
    if param.role == "bias" and scheme.claims is not None and scheme.claims.orthogonal:
        return False
    try:
        schemes.moments(scheme, param)
        schemes.sample(scheme, param, index=(slice(0),))
    except InputError:
        return False
    return True
