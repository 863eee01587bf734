"""Who waits, who is given up, and which training goes on: the desk and the trainer by themselves."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.requests import Request

from fanin.lab import runs
from fanin.lab.answers import Refusal
from fanin.lab.desk import Desk
from fanin.lab.runs import MOST_RUNS, Run, Trainer


def request(page: str | None) -> Request:
    """Of a page that stays there."""

    async def receive() -> Any:
        await asyncio.Event().wait()

    headers = [] if page is None else [(b"x-fanin-page", page.encode())]
    return Request({"type": "http", "headers": headers}, receive)


def test_the_newest_request_of_a_page_takes_the_place_of_one_that_waits() -> None:
    async def scene() -> tuple[object, ...]:
        desk, hold = Desk(ThreadPoolExecutor(2), 2), threading.Event()
        busy = [asyncio.create_task(desk.compute(request(None), lambda: hold.wait(30))) for _ in range(2)]
        await asyncio.sleep(0.05)
        old = asyncio.create_task(desk.compute(request("a"), lambda: "old"))
        other = asyncio.create_task(desk.compute(request("b"), lambda: "other"))
        await asyncio.sleep(0.05)
        new = asyncio.create_task(desk.compute(request("a"), lambda: "new"))
        found = await asyncio.gather(old, return_exceptions=True)  # at once, while all threads are held
        hold.set()
        await asyncio.gather(*busy)
        return (*found, await other, await new)

    old, *rest = asyncio.run(scene())
    assert isinstance(old, Refusal)
    assert (old.status, old.code) == (409, "stale")
    assert rest == ["other", "new"]


def test_a_long_queue_is_refused_and_an_error_frees_its_place() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    async def scene() -> None:
        desk, hold = Desk(ThreadPoolExecutor(2), 2), threading.Event()
        tasks = [asyncio.create_task(desk.compute(request(None), lambda: hold.wait(30))) for _ in range(2 + 32)]
        await asyncio.sleep(0.05)
        with pytest.raises(Refusal) as refused:
            await desk.compute(request(None), lambda: 1)
        assert refused.value.status == 429
        tasks[-1].cancel()  # somebody leaves the queue
        hold.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await desk.compute(request(None), fail)
        assert await desk.compute(request("a"), lambda: "free") == "free"

    asyncio.run(scene())


def lesson(count: int, hold: Callable[[], object] = lambda: None) -> Iterator[tuple[str, dict[str, Any]]]:
    for number in range(count):
        hold()
        yield "epoch", {"epoch": number}


async def _all(run: Run, first: int = 0) -> list[bytes]:
    return [event async for event in run.listen(first)]


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


def test_runs_take_turns_and_a_paused_one_waits() -> None:
    async def scene() -> None:
        trainer, order = Trainer(), list[str]()
        gate = threading.Event()

        def told(name: str) -> Callable[[], object]:
            return lambda: (gate.wait(20), order.append(name))

        one, two = (trainer.start(lesson(3, told(name))) for name in "ab")
        gate.set()
        assert len(await _all(one)) == len(await _all(two)) == 3
        assert order == ["a", "b", "a", "b", "a", "b"]
        held = trainer.start(lesson(30))
        trainer.pause(held.id, True)
        await asyncio.sleep(0.05)
        count = len(held.events)
        await asyncio.sleep(0.1)
        assert len(held.events) == count < 30
        trainer.pause(held.id, False)
        assert len(await _all(held)) == 30
        trainer.close()

    asyncio.run(scene())


def test_a_run_that_nobody_listens_to_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_ALONE", 0.2)

    async def scene() -> None:
        trainer, hold = Trainer(), threading.Event()
        watching = asyncio.create_task(trainer.watch())
        heard, alone = (trainer.start(lesson(10, lambda: hold.wait(0.4))) for _ in range(2))
        listening = asyncio.create_task(_all(heard))
        await _until(lambda: alone.is_over)
        assert not heard.is_over
        with pytest.raises(Refusal) as gone:
            trainer.run(alone.id)
        assert gone.value.status == 404
        hold.set()
        assert len(await listening) == 10
        watching.cancel()
        trainer.close()

    asyncio.run(scene())


def test_too_many_runs_and_too_many_listeners_are_refused() -> None:
    async def scene() -> None:
        trainer, hold = Trainer(), threading.Event()
        begun = [trainer.start(lesson(1, lambda: hold.wait(20))) for _ in range(MOST_RUNS)]
        with pytest.raises(Refusal) as refused:
            trainer.start(lesson(1))
        assert refused.value.status == 429
        listening = [asyncio.create_task(_all(begun[0])) for _ in range(8)]
        await _until(lambda: begun[0].listeners == 8)
        with pytest.raises(Refusal) as refused:
            begun[0].listen(0)
        assert refused.value.status == 429
        hold.set()
        await asyncio.gather(*listening)
        trainer.cancel(begun[1].id)
        trainer.start(lesson(1))
        trainer.close()

    asyncio.run(scene())


def test_a_defect_ends_its_run_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> object:
        raise ZeroDivisionError

    async def scene() -> None:
        trainer = Trainer()
        broken, sound = trainer.start(lesson(2, fails)), trainer.start(lesson(2))
        events = await _all(broken)
        assert b"event: problem" in events[-1]
        assert b"ZeroDivisionError" in events[-1]
        assert len(await _all(sound)) == 2
        trainer.close()

    asyncio.run(scene())
    assert "a training failed" in caplog.text
