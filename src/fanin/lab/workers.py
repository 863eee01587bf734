"""Processes that compute, beside the one that serves.

So neither a training nor another page's answer holds one up, and what takes more memory than there is ends a process
that is replaced, and not the server. They end with the server, however that ends: see `fanin.study.engines.local`.
"""

import ctypes
import gc
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from fanin.study.engines.local import end_with, nameless_main

T = TypeVar("T")

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _KEPT_BYTES = -1, -3, 1 << 27  # of malloc.h


class Workers(Executor):
    """So many processes; lost ones are replaced at the next call. The calls that they had raise BrokenProcessPool."""

    def __init__(self, count: int, prepare: Callable[[], object]) -> None:
        self._count, self._prepare = count, prepare
        self._context = multiprocessing.get_context("spawn")
        self._lifeline, self._held = self._context.Pipe(duplex=False)
        self._pool = self._opened()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Compute fn(*args, **kwargs), which are pickled, in one of the processes."""
        with nameless_main():
            try:
                return self._pool.submit(fn, *args, **kwargs)
            except BrokenProcessPool:
                self._pool = self._opened()
                return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all processes now, whatever they do."""
        self._held.close()
        self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)
        self._lifeline.close()
        del self._pool
        gc.collect()  # its semaphores have names, which are given back here and not where a signal ends the process

    def _opened(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._count, self._context, _begin, (self._lifeline, self._prepare))


def _begin(lifeline: Connection, prepare: Callable[[], object]) -> None:
    """First thing in a worker; what is made on first use is made now."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server decides
    threading.Thread(target=end_with, args=(lifeline,), daemon=True).start()
    _keep_memory()
    prepare()
    threadpool_limits(1)  # once the libraries are there: the products are small, and the other core is another's


def _keep_memory() -> None:
    """Tell glibc to keep what is freed: a slider frees and asks for the same megabytes at every move.

    Given back to the kernel they would cost a page fault per 4 KiB, a quarter of the time of an answer. Other systems
    are left as they are.
    """
    if sys.platform == "linux":
        keep = getattr(ctypes.CDLL(None), "mallopt", None)
        if keep is not None:
            keep(_M_MMAP_THRESHOLD, _KEPT_BYTES)
            keep(_M_TRIM_THRESHOLD, _KEPT_BYTES)
