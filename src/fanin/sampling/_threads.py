"""Work shared between the cores: kernels and copies run without the interpreter's lock."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

from fanin.errors import InputError

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """Threads to work on: FANIN_NUM_THREADS, else OMP_NUM_THREADS, else as many as this process has cores.

    Raises:
        InputError: a variable that is set is no whole number >= 1.
    """
    for name in ("FANIN_NUM_THREADS", "OMP_NUM_THREADS"):
        text = os.environ.get(name, "").partition(",")[0].strip()  # OpenMP's may be a list, one for each level
        if text:
            if not text.isdecimal() or int(text) < 1:
                raise InputError(f"{name}={text}, expected a whole number of threads >= 1")
            return int(text)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share(task: Callable[[T], R], items: Iterable[T], threads: int) -> list[R]:
    """Do the task for every item, on so many threads; the results in order."""
    return list((_pool(os.getpid(), threads).map if threads > 1 else map)(task, items))


@lru_cache(maxsize=4)
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    """Kept, since threads take as long to start as 10^5 values; by process, since a fork leaves them behind."""
    return ThreadPoolExecutor(threads, thread_name_prefix="fanin")
