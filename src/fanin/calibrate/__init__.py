"""Last steps that look at data: they measure a batch in the network as it is, and adjust what theory only estimates.

One file each, discovered: the function `<name of the file>_`, and `START`, the scheme that its paper starts from.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from fanin import _discover
from fanin.calibrate.lsuv import Calibration, Scaled, lsuv_

__all__ = ["Calibrate", "Calibration", "Scaled", "Step", "catalogue", "lsuv_"]

Calibrate = Callable[[Any, Any], Any]
"""Of a model, which is changed in place, and a batch."""


class Step(NamedTuple):
    """A calibration, and the scheme of weights that it usually follows."""

    run: Calibrate
    start: str


@cache
def catalogue() -> Mapping[str, Step]:
    """Every calibration by its name.

    >>> catalogue()["lsuv"].start
    'orthogonal'
    """
    found = {module.__name__.rpartition(".")[2]: module for module in _discover.modules("fanin.calibrate")}
    return {name: Step(getattr(module, f"{name}_"), module.START) for name, module in found.items()}
