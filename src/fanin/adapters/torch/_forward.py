"""Running somebody's model: what it raises is theirs to mend, in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from fanin.errors import FaninError, InputError, at


@contextmanager
def running(model: nn.Module, on: str) -> Iterator[None]:
    """Around a forward pass.

    Args:
        model: that runs.
        on: what it is given, in words.

    Raises:
        InputError: the model raised; with what, and where.
    """
    try:
        yield
    except FaninError:
        raise
    except Exception as error:
        name, reason = type(model).__name__, " ".join(str(error).split())[:300]
        raise InputError(f"{name} raised {type(error).__name__} on {on}: {reason}{at(error)}") from error
