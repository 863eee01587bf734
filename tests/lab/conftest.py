"""A real server and a real browser for the tests of the lab's page."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect, sync_playwright

PATIENCE = 30_000
"""Milliseconds that a page may take on a busy machine; on an idle one nothing here waits for a second."""


def start_server(port: int = 0) -> tuple["subprocess.Popen[str]", str]:
    """`fanin lab` as a process of its own, and its address once it answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fanin", "lab", "--port", str(port), "--no-browser"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    address = next((word for word in said.split() if word.startswith("http://127.0.0.1:")), None)
    assert address, f"fanin lab did not start: {said!r}"
    return process, address


def stop_server(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(60)
    finally:
        process.kill()  # nothing is left of a test, whatever happened in it
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a running lab."""
    process, address = start_server()
    yield address
    stop_server(process)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window. Of a module, not of the session: Playwright's loop would be in others' way."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("chromium is missing, which these tests drive: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield found
        found.close()


@dataclass
class Visit:
    """A page opened in the lab, and what must not have happened there."""

    page: Page
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def room(self, name: str) -> Locator:
        """The open room, once it has answered."""
        room = self.page.locator(f"#{name}")
        expect(room.locator(".pictures figure").first).to_be_visible()
        return room

    def answer(self, name: str) -> Locator:
        return self.page.locator(f"#{name} .answer")


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Callable[..., Visit]]:
    """Opens the lab: `visit(hash, forgiven=..., **context)`.

    At the end no request has left this machine, no error was raised or written to the console, and no rule of the
    content security policy was broken; `forgiven` is a part of the console's lines about answers that a test provokes.
    """
    visits: list[tuple[Visit, str | None]] = []

    def opened(where: str = "", *, forgiven: str | None = None, at: str = server, **context: Any) -> Visit:
        inside = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | context))
        inside.set_default_timeout(PATIENCE)
        seen = Visit(inside.new_page())
        inside.route("**/*", lambda route: _only_here(route, seen.foreign))
        seen.page.on("pageerror", lambda error: seen.complaints.append(f"error: {error}"))
        seen.page.on("console", lambda line: _listen(line.type, line.text, seen.complaints))
        seen.page.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => console.error('CSP: ' + event.violatedDirective))"
        )
        visits.append((seen, forgiven))
        seen.page.goto(at + where)
        return seen

    yield opened
    for seen, forgiven in visits:
        seen.page.context.close()
        assert seen.foreign == []
        assert [line for line in seen.complaints if forgiven is None or forgiven not in line] == []


def _only_here(route: Route, foreign: list[str]) -> None:
    if urlsplit(route.request.url).hostname == "127.0.0.1":
        route.continue_()
    else:
        foreign.append(route.request.url)
        route.abort()


def _listen(kind: str, text: str, complaints: list[str]) -> None:
    if kind in ("error", "warning"):
        complaints.append(f"{kind}: {text}")


expect.set_options(timeout=PATIENCE)
