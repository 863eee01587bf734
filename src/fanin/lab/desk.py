"""Computations, off the event loop: a few at a time, a bounded queue, and of one page only the newest waits."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Final, TypeVar

from starlette.requests import Request

from fanin.lab.answers import Refusal

T = TypeVar("T")

_MOST_WAITING: Final = 32


class Desk:
    """Computes for whoever asks, in order, as many at a time as `executor` has workers.

    Each computation holds arrays of its own: their sizes are bounded one by one, and so is their sum.
    """

    def __init__(self, executor: Executor, workers: int) -> None:
        self._executor = executor
        self._free = workers
        self._waiting: dict[object, asyncio.Future[None]] = {}

    async def compute(self, request: Request, work: Callable[[], T]) -> T:
        """The result of `work`, when its turn has come; what it raises is raised here.

        The header X-Fanin-Page says which page asks: a request of the same page that still waits is given up, as is
        one whose asker has gone.

        Raises:
            Refusal: a newer request took this one's place (409), or too many wait (429).
        """
        loop = asyncio.get_running_loop()
        await self._turn(request.headers.get("x-fanin-page") or object(), loop)
        try:
            if await request.is_disconnected():
                raise _stale()
            return await loop.run_in_executor(self._executor, work)
        finally:
            self._next()

    async def _turn(self, key: object, loop: asyncio.AbstractEventLoop) -> None:
        """Wait until a worker is free; it is then ours until `_next`."""
        older = self._waiting.pop(key, None)
        if older is not None and not older.done():
            older.set_exception(_stale())
        if self._free:
            self._free -= 1
            return
        if len(self._waiting) >= _MOST_WAITING:
            raise Refusal(429, "busy", f"{_MOST_WAITING} requests wait to be computed; try again in a second")
        turn = self._waiting[key] = loop.create_future()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._next()
            raise

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.pop(next(iter(self._waiting)))
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def _stale() -> Refusal:
    return Refusal(409, "stale", "a newer request of the same page took the place of this one")
