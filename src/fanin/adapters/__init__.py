"""Frameworks: what a network is made of, and its signals. One file or folder each; NumPy's is `numpy.py`."""

import sys
from typing import Any

_MODELS = {"torch": "torch.nn.Module"}
"""Framework to the class that all its networks have."""


def framework_of(value: Any) -> str | None:
    """The framework whose network this is; None if it is of none. Imports nothing: what it is of is loaded already.

    >>> framework_of([1, 2]) is None
    True
    """
    for framework, name in _MODELS.items():
        module, _, kind = name.rpartition(".")
        if module in sys.modules and isinstance(value, getattr(sys.modules[module], kind)):
            return framework
    return None


def loaded() -> tuple[str, ...]:
    """The frameworks that somebody has imported."""
    return tuple(framework for framework in _MODELS if framework in sys.modules)
