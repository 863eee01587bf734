"""Ray Core: a cluster that is there (`ray://host:10001`, or `auto`), or one that is started on this machine.

Every node needs fanin, and what the networks are made of. Ray runs a task again whose worker or node is lost.
"""

import contextlib
import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from importlib import import_module
from typing import Any

from fanin.errors import FaninError
from fanin.study.engines._attempt import attempt_packed, pack, package
from fanin.study.outcome import Outcome
from fanin.study.work import Tick, Work
from fanin.values import Trial

_RETRIES = 3


class _Cluster:
    """A connected cluster, where the work lies in the object store."""

    def __init__(self, ray: Any, work: Work) -> None:
        errors = ray.exceptions
        self.lost = (errors.WorkerCrashedError, errors.NodeDiedError, errors.ObjectLostError)
        self._ray = ray
        self._packed = ray.put(pack(work))
        self._attempt = ray.remote(num_cpus=1, max_retries=_RETRIES)(attempt_packed)

    @property
    def slots(self) -> int:
        return 2 * max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def submit(self, stack: Sequence[Trial]) -> "Future[tuple[Outcome, ...]]":
        future: Future[tuple[Outcome, ...]] = self._attempt.remote(self._packed, tuple(stack)).future()
        return future

    def poll(self) -> None:
        pass


@contextlib.contextmanager
def open_(work: Work, workers: int | None, address: str | None, tick: Tick) -> Iterator[_Cluster]:
    """The cluster that this process is connected to already, or the one at an address, or a new one here."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers
    ray = package("ray", "ray")
    is_mine = not ray.is_initialized()
    if is_mine:
        _connect(ray, workers, address)
    try:
        yield _Cluster(ray, work)
    finally:
        if is_mine:
            ray.shutdown()


def _connect(ray: Any, workers: int | None, address: str | None) -> None:
    here: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False} if address is None else {}
    try:
        with _loopback() if address is None else contextlib.nullcontext():
            ray.init(address=address or "local", log_to_driver=False, logging_level=logging.ERROR, **here)
    except (ConnectionError, RuntimeError, ValueError) as error:
        where = f"at {address!r}" if address else "on this machine"
        raise FaninError(f"no Ray cluster {where}: {str(error).splitlines()[0]}") from error


@contextlib.contextmanager
def _loopback() -> Iterator[None]:
    """A cluster that starts meanwhile listens for this machine alone, as Ray does by itself on macOS and Windows.

    Elsewhere it takes the address that others reach it by, and no argument of `ray.init` keeps it from that.
    """
    constants: Any = import_module("ray._private.ray_constants")
    before = getattr(constants, "ENABLE_RAY_CLUSTER", None)
    constants.ENABLE_RAY_CLUSTER = False
    try:
        yield
    finally:
        constants.ENABLE_RAY_CLUSTER = before
