"""Trainings that are being watched: one thread gives each in turn an epoch, and ends those that nobody listens to."""

import asyncio
import contextlib
import json
import logging
import secrets
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Final

from fanin.errors import FaninError
from fanin.lab.answers import Refusal
from fanin.lab.lesson import Event

MOST_RUNS: Final = 4
_MOST_LISTENERS: Final = 8
_ALONE: Final = 10.0
"""Seconds that a run goes on without a listener; those of a page that is loaded again find it."""
_SIGN_OF_LIFE: Final = 5.0
_PACE: Final = 0.05
"""Seconds that an epoch takes at least: a person watches."""


class Run:
    """One training: its events so far, and who waits for the next."""

    def __init__(self, lesson: Iterator[Event], loop: asyncio.AbstractEventLoop) -> None:
        self.id = secrets.token_urlsafe(9)
        self.lesson = lesson
        self.events: list[bytes] = []
        self.is_paused = self.is_over = False
        self.listeners = 0
        self.alone_since = loop.time()
        self._loop = loop
        self._changed = asyncio.Event()

    def step(self) -> None:
        """Go on to the next event; in the thread that trains."""
        try:
            event = next(self.lesson, None)
        except (FaninError, MemoryError) as error:
            event = "problem", {"error": str(error) or "not enough memory"}
        except Exception as error:  # a defect of ours must not stop the thread, and other runs with it
            logging.getLogger("fanin.lab").exception("a training failed")
            event = "problem", {"error": f"{type(error).__name__}: the lab could not go on; that is its defect"}
        if event is None or event[0] == "problem":
            self.end()
        if event is not None:
            self.events.append(_encoded(len(self.events), event))
        self.tell()

    def end(self) -> None:
        """Train no more; whoever listens gets what is there, and the end."""
        self.is_over = True
        self.lesson.close()  # type: ignore[attr-defined]  # a generator's

    def tell(self) -> None:
        """Wake whoever waits; from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, and so have those who waited
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def listen(self, first: int) -> AsyncIterator[bytes]:
        """The events from number `first` on, until the last.

        Raises:
            Refusal: too many listen already.
        """
        if self.listeners >= _MOST_LISTENERS:
            raise Refusal(429, "busy", f"{_MOST_LISTENERS} listen to this run already")
        return self._listen(first)

    async def _listen(self, first: int) -> AsyncIterator[bytes]:
        self.listeners += 1
        try:
            while True:
                changed, is_over = self._changed, self.is_over
                while first < len(self.events):
                    yield self.events[first]
                    first += 1
                if is_over:
                    return
                try:
                    await asyncio.wait_for(changed.wait(), _SIGN_OF_LIFE)
                except TimeoutError:
                    yield b": still here\n\n"
        finally:
            self.listeners -= 1
            self.alone_since = self._loop.time()


class Trainer:
    """All runs, and the thread that trains them."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._turn = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._train, name="fanin-lab-training", daemon=True)

    def start(self, lesson: Iterator[Event]) -> Run:
        """Begin a training.

        Raises:
            Refusal: as many as may be are there.
        """
        with self._turn:
            if len(self._runs) >= MOST_RUNS:
                raise Refusal(429, "busy", f"{MOST_RUNS} runs are there already; end one, or try again in ten seconds")
            run = Run(lesson, asyncio.get_running_loop())
            self._runs[run.id] = run
            if not self._thread.is_alive():
                self._thread.start()
            self._turn.notify()
        return run

    def run(self, name: str) -> Run:
        """The run of an id.

        Raises:
            Refusal: there is none, or no more.
        """
        if name not in self._runs:
            raise Refusal(404, "not-found", "there is no such run any more; start another")
        return self._runs[name]

    def pause(self, name: str, is_paused: bool) -> None:
        """Hold a run after the epoch that it is in, or let it go on."""
        with self._turn:
            self.run(name).is_paused = is_paused
            self._turn.notify()

    def cancel(self, name: str) -> None:
        """Forget a run; the epoch that it is in is finished first."""
        with self._turn:
            run = self.run(name)
            del self._runs[name]
            run.is_over = True
        run.tell()

    async def watch(self) -> None:
        """End what nobody listens to, until cancelled."""
        while True:
            await asyncio.sleep(1)
            now = asyncio.get_running_loop().time()
            for run in list(self._runs.values()):
                if not run.listeners and now - run.alone_since > _ALONE:
                    self.cancel(run.id)

    def close(self) -> None:
        """End all runs, and the thread after the epoch that it is in."""
        with self._turn:
            self._is_closed = True
            for name in list(self._runs):
                self.cancel(name)
            self._turn.notify()

    def _train(self) -> None:
        last = None
        while (run := self._next(last)) is not None:
            began = time.monotonic()
            run.step()
            time.sleep(max(0.0, _PACE - (time.monotonic() - began)))
            last = run

    def _next(self, last: Run | None) -> Run | None:
        """The run whose turn it is: of those that wait, the one after the last; None when all is over."""
        with self._turn:
            while not self._is_closed:
                runs = list(self._runs.values())
                after = runs.index(last) + 1 if last in runs else 0
                for run in runs[after:] + runs[:after]:
                    if not (run.is_paused or run.is_over):
                        return run
                self._turn.wait()
        return None


def _encoded(number: int, event: Event) -> bytes:
    """As a server-sent event."""
    name, data = event
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return f"id: {number}\nevent: {name}\ndata: {text}\n\n".encode()
