"""Dask: a scheduler that is there (`tcp://host:8786`), or workers that are started on this machine.

Every worker needs fanin, and what the networks are made of. Dask runs a task again whose worker is lost.
"""

import contextlib
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any

from fanin.errors import FaninError
from fanin.study.engines._attempt import attempt_packed, pack, package
from fanin.study.outcome import Outcome
from fanin.study.work import Tick, Work
from fanin.values import Trial

_RETRIES = 3


class _Cluster:
    """A connected scheduler, whose workers all have the work."""

    def __init__(self, distributed: Any, client: Any, work: Work) -> None:
        self.lost = (distributed.scheduler.KilledWorker, distributed.comm.CommClosedError)
        self._client = client
        self._executor = client.get_executor(retries=_RETRIES, pure=False)
        self._packed = client.scatter(pack(work), broadcast=True)

    @property
    def slots(self) -> int:
        threads: dict[str, int] = self._client.nthreads()
        return 2 * max(1, sum(threads.values()))

    def submit(self, stack: Sequence[Trial]) -> "Future[tuple[Outcome, ...]]":
        future: Future[tuple[Outcome, ...]] = self._executor.submit(attempt_packed, self._packed, tuple(stack))
        return future

    def poll(self) -> None:
        pass


@contextlib.contextmanager
def open_(work: Work, workers: int | None, address: str | None, tick: Tick) -> Iterator[_Cluster]:
    """The scheduler at an address, or single-threaded worker processes of this machine."""
    distributed = package("distributed", "dask")
    with contextlib.ExitStack() as stack:
        if address is None:
            cluster = distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address=None,
                host="127.0.0.1",
                silence_logs=logging.ERROR,
            )
            address = stack.enter_context(cluster)
        try:
            client = stack.enter_context(distributed.Client(address))
        except (OSError, ValueError) as error:
            raise FaninError(f"no Dask scheduler at {address!r}: {error}") from error
        yield _Cluster(distributed, client, work)
