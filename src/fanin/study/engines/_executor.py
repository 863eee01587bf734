"""Any executor of `concurrent.futures`, its owner's: submitit's, mpi4py's, a pool of threads."""

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future

from fanin.study.engines._attempt import attempt_packed, pack
from fanin.study.engines.local import cores
from fanin.study.outcome import Outcome
from fanin.study.work import Work
from fanin.values import Trial


class _Executor:
    """Nothing is known of its workers, so that the work goes along with every stack; each worker unpacks it once."""

    lost: tuple[type[BaseException], ...] = ()

    def __init__(self, executor: Executor, work: Work, workers: int | None) -> None:
        self.slots = 2 * (workers or getattr(executor, "_max_workers", None) or cores())
        self._executor, self._packed = executor, pack(work)

    def submit(self, stack: Sequence[Trial]) -> "Future[tuple[Outcome, ...]]":
        return self._executor.submit(attempt_packed, self._packed, tuple(stack))

    def poll(self) -> None:
        pass


@contextlib.contextmanager
def open_(executor: Executor, work: Work, workers: int | None) -> Iterator[_Executor]:
    """An executor as an engine; it stays open.

    Raises:
        BrokenExecutor: its workers died.
    """
    try:
        yield _Executor(executor, work, workers)
    except BrokenExecutor as error:
        from fanin.errors import FaninError

        raise FaninError(f"the executor broke: {error}") from error
