"""SIREN: networks of sines, sin(omega·(Wx + b)), for coordinates on [-1, 1].

First layer uniform on ±1/fan_in, all others, the output layer included, on ±sqrt(6/fan_in)/omega; omega is 30.

Paper and code: the paper says nothing of biases; the authors' code leaves them at PyTorch's default, uniform on
±1/sqrt(fan_in), and that is done here: they are multiplied by omega like everything inside the sine.

Reference: Sitzmann, Martel, Bergman, Lindell & Wetzstein 2020, arXiv:2006.09661, §3.2; vsitzmann/siren.
"""

from fanin.recipes._network import Network
from fanin.recipes._recipe import Choice, usual
from fanin.values import Param
from fanin.values.formula import number

VERSION = 1


def choose(param: Param, network: Network, omega: float = 30.0) -> Choice | None:
    """By whether it reads the coordinates."""
    match param.role:
        case "weight" if network.is_first(param):
            return Choice("siren_first", "reads the coordinates")
        case "weight" | "recurrent":
            return Choice(f"siren_hidden(omega={number(omega)})", f"behind a sine of omega {omega:g}")
        case "bias":
            return Choice("torch_default", "as in the authors' code")
    return usual(param)
