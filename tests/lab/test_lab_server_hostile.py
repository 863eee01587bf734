"""Requests that are malformed, foreign or too much: the right status, no crash, no growth of memory."""

import json
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import uvicorn

from fanin.lab import create_app, patience
from fanin.lab.patience import PatientProtocol
from fanin.lab.serve import listen

from .conftest import start_server, stop_server

COUNT = 1000
JSON = "Content-Type: application/json"
HOSTILE = [
    "__import__('os').system('id')",
    "().__class__.__bases__[0].__subclasses__()",
    "(" * 400,
    "9**9**9**9",
    "randn/0",
    "rand*1e999",
    "\x00",
    "\u202e",
    "a" * 600,
    "nn.LSTM(3, 4)",
    "lambda: 0",
    "nan*rand",
    "-",
]
OUTSIDE = ["../app.py", "%2e%2e/app.py", "..%2fapp.py", "x\\y.js", "%00.js"]
Case = tuple[bytes, set[int]]


def talk(port: int, data: bytes, patience: float = 60) -> int:
    """The status of the first answer to some bytes; 0 for a connection that was closed without one."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=patience)) as connection:
        answer = b""
        try:
            connection.sendall(data)
            while len(answer) < 12 and (part := connection.recv(65536)):
                answer += part
        except ConnectionError:
            return int(answer[9:12] or 0)
        return int(answer[9:12] or 0)


def request(port: int, method: str, target: str, *headers: str, body: bytes = b"", host: str | None = None) -> bytes:
    """One request, after which the connection is closed."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host or f'127.0.0.1:{port}'}", "Connection: close", *headers]
    if body and not any("Encoding" in line for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _values(draw: random.Random) -> str:
    return draw.choice(["-1", "0", "1e999", "99999999999", "NaN", "", "٣", "1;2", "0x10", " ", "%00", quote("é\n")])


def cases(port: int, seed: int) -> Iterator[Case]:
    """Malformed and oversized requests, with the statuses that are right for each."""
    draw = random.Random(seed)
    rooms = ("draw", "propagate", "layer")
    while True:
        room, text = draw.choice(rooms), quote(draw.choice(HOSTILE))
        name = draw.choice(["depth", "width", "batch", "count", "seed", "gain", "shape", "layout", "activation"])
        garbage = bytes(draw.randrange(256) for _ in range(draw.randrange(1, 300)))
        api = f"/api/{room}"
        run = json.dumps({"task": "nielsen", "inits": ["rand"], draw.choice(["seed", "lr", "epochs"]): "x"}).encode()
        yield from [
            (request(port, "GET", f"{api}?init={text}&text={text}"), {400}),
            (request(port, "GET", f"{api}?{'text' if room == 'layer' else 'init'}={text}"), {400}),
            (request(port, "GET", f"{api}?init=rand&text=rand&{name}={_values(draw)}"), {400}),
            (request(port, "GET", f"{api}?init={'a' * draw.randrange(9_000, 40_000)}"), {414}),
            (request(port, "GET", f"/{quote(garbage[:20])}"), {404}),
            (request(port, draw.choice(["PUT", "DELETE", "PATCH", "TRACE", "BREW"]), api), {405}),
            (request(port, "GET", api, host=draw.choice(["evil.example", f"evil.it:{port}", "[::1]", "127.1"])), {421}),
            (request(port, "GET", "/", "Origin: http://evil.example"), {403}),
            (request(port, "POST", "/api/runs", JSON, "Origin: null", body=run), {403}),
            (request(port, "POST", "/api/runs", JSON, body=run), {400}),
            (request(port, "POST", "/api/runs", JSON, body=garbage), {400}),
            (request(port, "POST", "/api/runs", JSON, body=b"[" * 10_000), {400}),
            (request(port, "POST", "/api/runs", JSON, body=b'"' + b"x" * draw.randrange(20_000, 60_000)), {413}),
            (request(port, "POST", "/api/runs", JSON, "Content-Length: 99999999999999"), {413}),
            (request(port, "POST", "/api/runs", body=run), {415}),
            (request(port, "POST", "/api/runs/none/pause"), {404}),
            (request(port, "GET", "/static/" + draw.choice(OUTSIDE)), {404}),
            (request(port, "GET", "//etc/passwd"), {404}),
            (request(port, "GET", "/", f"X: {'h' * 100_000}"), {400, 431}),
            (request(port, "GET", "/", *[f"X{i}: y" for i in range(9_000)]), {400, 431}),
            (request(port, "GET", "/ HTTP/1.1\r\nBad Header"), {400}),
            (request(port, "POST", "/api/runs", JSON, "Transfer-Encoding: chunked", body=b"zz\r\nhello\r\n"), {400}),
            (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", {400, 421}),
            (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", {400}),
            (b"\x16\x03\x01" + garbage + b"\r\n\r\n", {400}),
            (b"GET /" + b"a" * 70_000, {400}),
        ]  # fmt: skip


def family(process: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *map(int, children)]


def resident(process: int) -> int:
    """Bytes of memory that a server and its workers have."""
    statuses = [Path(f"/proc/{member}/status").read_text().splitlines() for member in family(process)]
    return 1024 * sum(int(line.split()[1]) for lines in statuses for line in lines if line.startswith("VmRSS"))


@pytest.fixture(scope="module")
def lab() -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """A server of its own, as its port and its process: what happens to its memory is these tests' doing."""
    process, address = start_server()
    yield urlsplit(address).port or 0, process
    stop_server(process)


def test_a_thousand_malformed_or_oversized_requests(lab: tuple[int, "subprocess.Popen[str]"]) -> None:
    port, process = lab
    pending = cases(port, seed=6)
    for data, allowed in (next(pending) for _ in range(100)):
        assert talk(port, data) in allowed
    before, wrong = resident(process.pid), []
    for data, allowed in (next(pending) for _ in range(COUNT)):
        status = talk(port, data)
        if status not in allowed:
            wrong.append((status, allowed, data[:120]))
    assert wrong == []
    assert process.poll() is None
    assert resident(process.pid) - before < 50_000_000
    assert talk(port, request(port, "GET", "/")) == 200


def test_fifty_at_once_are_answered_or_told_to_come_back(lab: tuple[int, "subprocess.Popen[str]"]) -> None:
    port, process = lab
    data = request(port, "GET", "/api/propagate?init=randn&init=rand&depth=10&width=128&batch=128")
    assert talk(port, data) == 200
    before = resident(process.pid)
    with ThreadPoolExecutor(50) as threads:
        found = Counter(threads.map(lambda _: talk(port, data), range(50)))
    assert set(found) <= {200, 429}
    assert found[200] >= 34  # two are computed and 32 wait
    assert resident(process.pid) - before < 150_000_000
    assert talk(port, data) == 200


def test_the_largest_requests_have_bounded_memory(lab: tuple[int, "subprocess.Popen[str]"]) -> None:
    port, process = lab
    before = resident(process.pid)
    largest = [
        "/api/propagate?init=randn&depth=30&width=512&batch=256&activation=relu",
        "/api/draw?init=randn&init=orthogonal&count=1000000&shape=512x512",
        f"/api/layer?text={quote('nn.Linear(1000000000, 1000000000)')}",
    ]
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(lambda target: talk(port, request(port, "GET", target)), largest)) == [200] * 3
    assert resident(process.pid) - before < 600_000_000


def test_three_hundred_idle_connections_end_and_the_server_goes_on(lab: tuple[int, "subprocess.Popen[str]"]) -> None:
    port, _ = lab
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
    assert talk(port, request(port, "GET", "/api/options")) == 503
    for connection in idle:
        connection.close()
    deadline = time.monotonic() + 20
    while (status := talk(port, request(port, "GET", "/api/options"))) == 503 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert status == 200


def test_a_worker_that_is_killed_is_replaced_and_ends_with_the_server() -> None:
    process, address = start_server()
    port = urlsplit(address).port or 0
    data = request(port, "GET", "/api/propagate?init=randn&width=16")
    assert talk(port, data) == 200
    for member in family(process.pid)[1:]:
        os.kill(member, signal.SIGKILL)
    assert {talk(port, data) for _ in range(3)} <= {200, 503}
    assert talk(port, data) == 200
    members = family(process.pid)
    assert len(members) > 2
    process.kill()
    process.wait(20)
    assert process.stdout is not None
    process.stdout.close()
    deadline = time.monotonic() + 20
    while any(_computes(member) for member in members[1:]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_computes(member) for member in members[1:])


def _computes(process: int) -> bool:
    """Whether a process is there, and no mere entry that waits to be read by its parent."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a server in this process that waits for a third of a second."""
    monkeypatch.setattr(patience, "_SECONDS", 0.3)
    monkeypatch.setattr("fanin.lab.learn._PATIENCE", 0.3)
    found = listen(0)
    config = uvicorn.Config(create_app(), http=PatientProtocol, ws="none", log_config=None, timeout_keep_alive=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([found],))
    thread.start()
    yield found.getsockname()[1]
    server.should_exit = True
    thread.join(20)


def test_what_comes_too_slowly_is_given_up(hurried: int) -> None:
    assert talk(hurried, b"GET / HTTP/1.1\r\nHost: ") == 408
    assert talk(hurried, b"") == 408
    slow = request(hurried, "POST", "/api/runs", JSON, "Content-Length: 50")
    assert talk(hurried, slow + b'{"task": ') == 408
    assert talk(hurried, request(hurried, "GET", "/api/options")) == 200
