"""Where trials are trained: processes of this machine, a Ray or a Dask cluster, or any executor of futures.

One file per engine, discovered: `open_(work, workers, address, tick)`, a context manager that yields an `Engine`. A
task is one stack of trials, a chunk of seconds; the work travels once. The driver alone writes the store.
"""

import pkgutil
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Protocol, cast

from fanin.errors import UnknownName
from fanin.study.outcome import Outcome
from fanin.study.work import Tick, Work
from fanin.values import Trial


class Engine(Protocol):
    """An open engine."""

    lost: tuple[type[BaseException], ...]
    """What the future of a stack raises if its worker or its node is lost: the stack is run again."""

    @property
    def slots(self) -> int:
        """Stacks to keep in flight."""

    def submit(self, stack: Sequence[Trial]) -> "Future[tuple[Outcome, ...]]":
        """Begin to train a stack."""

    def poll(self) -> None:
        """Called every now and then while stacks are in flight."""


def names() -> tuple[str, ...]:
    """The engines that there are; none is imported.

    >>> names()
    ('dask', 'local', 'ray')
    """
    return tuple(sorted(info.name for info in pkgutil.iter_modules(__path__) if not info.name.startswith("_")))


def open_(
    name: str, work: Work, workers: int | None, address: str | None, tick: Tick
) -> AbstractContextManager[Engine]:
    """The engine of a name, opened.

    Args:
        workers: how many; None leaves it to the engine.
        address: of a cluster that is there; None starts what is needed on this machine.
        tick: called with trials that finished an epoch, by engines that can tell.

    Raises:
        UnknownName: no such engine.
        FaninError: its package is not installed, or its cluster can't be reached.
    """
    if name not in names():
        raise UnknownName("engine", name, names())
    found = import_module(f"{__name__}.{name}").open_(work, workers, address, tick)
    return cast("AbstractContextManager[Engine]", found)
