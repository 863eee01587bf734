"""How soon the lab answers: a slider is moved, over HTTP, against the real server in a process of its own.

    python benchmarks/lab.py [--moves 60]

Prints the median and the 95th percentile of the time from request to whole answer, and the server's CPU time per
answer, which a busy machine changes less. Ten layers of 256 units, 256 inputs; each move changes the gain.
"""

import argparse
import http.client
import json
import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

STACK = "depth=10&width=256&batch=256"


class Client:
    """One page: its own connection, and its own name."""

    def __init__(self, port: int, page: str = "bench") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"X-Fanin-Page": page}

    def ask(self, path: str, method: str = "GET", body: object = None) -> bytes:
        """The whole answer."""
        headers = self._headers | ({} if body is None else {"Content-Type": "application/json"})
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{path}: {answer.status} {content.decode()}")
        return content


@contextmanager
def server() -> Iterator[tuple[int, int]]:
    """The lab in a process: its port and its id."""
    command = [sys.executable, "-m", "fanin", "lab", "--port", "0", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().rpartition("127.0.0.1:")[2].partition("/")[0])
            yield port, process.pid
        finally:
            process.terminate()


def cpu_seconds(process: int) -> float:
    """Processor time of a process and its workers so far; nan where there is no /proc."""
    path = Path(f"/proc/{process}/task/{process}/children")
    if not path.exists():
        return float("nan")
    members = [str(process), *path.read_text().split()]
    fields = [Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split() for member in members]
    return sum(int(found[11]) + int(found[12]) for found in fields) / os.sysconf("SC_CLK_TCK")


def measure(what: str, paths: list[str], client: Client, process: int) -> None:
    """Ask for each path in turn, and print how long the answers took."""
    client.ask(paths[0])
    before, times = cpu_seconds(process), []
    for path in paths:
        began = time.perf_counter()
        client.ask(path)
        times.append(1e3 * (time.perf_counter() - began))
    each = 1e3 * (cpu_seconds(process) - before) / len(paths)
    high = statistics.quantiles(times, n=20)[-1]
    print(
        f"{what:54s} median {statistics.median(times):6.1f} ms   95 % {high:6.1f} ms   CPU {each:6.1f} ms", flush=True
    )


def slider(moves: int, activation: str, *inits: str) -> list[str]:
    """The addresses that a slider of the gain asks for."""
    asked = "&".join(f"init={quote(init)}" for init in inits)
    gains = [0.5 + 1.5 * move / moves for move in range(moves)]
    return [f"/api/propagate?{asked}&{STACK}&activation={activation}&gain={gain:.4f}" for gain in gains]


@contextmanager
def another_client(port: int) -> Iterator[None]:
    """Somebody else, who moves a slider without a pause."""
    stop = threading.Event()

    def move() -> None:
        client = Client(port, "another")
        while not stop.is_set():
            for path in slider(20, "relu", "he_normal"):
                client.ask(path)
                if stop.is_set():
                    break

    thread = threading.Thread(target=move)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def training(port: int) -> Iterator[None]:
    """A run of three arms that somebody watches."""
    body = {"task": "nielsen", "inits": ["rand", "randn", "xavier_uniform"], "epochs": 100}
    run = json.loads(Client(port).ask("/api/runs", "POST", body))["id"]
    watcher = threading.Thread(target=lambda: Client(port, "watcher").ask(f"/api/runs/{run}/events"))
    watcher.start()
    time.sleep(3)  # until the doctor has looked at the arms
    try:
        yield
    finally:
        Client(port).ask(f"/api/runs/{run}", "DELETE")
        watcher.join()


def main() -> None:
    """All rooms, and the slider in company."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--moves", type=int, default=60)
    moves = parser.parse_args().moves
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{platform.machine()}, {os.cpu_count()} cores, load before the start {load:.1f}, {moves} moves each")
    lecun, he = "randn/sqrt(n_in)", "he_normal"
    with server() as (port, process):
        client = Client(port)
        for _ in range(8):  # both workers have drawn the numbers
            client.ask(slider(1, "tanh", lecun)[0])
        for activation, init in (("tanh", lecun), ("relu", he)):
            measure(f"propagate, {activation}, {init}", slider(moves, activation, init), client, process)
        measure("propagate, tanh, two arms", slider(moves, "tanh", lecun, "xavier_uniform"), client, process)
        measure("propagate, sigmoid, rand (weights of mean 0.5)", slider(moves, "sigmoid", "rand"), client, process)
        with another_client(port):
            measure("propagate, tanh, beside another client", slider(moves, "tanh", lecun), client, process)
        with training(port):
            measure("propagate, tanh, while a run trains", slider(moves, "tanh", lecun), client, process)
        draws = [f"/api/draw?init=rand&init=randn&count=10000&seed={seed}" for seed in range(moves)]
        measure("draw, two arms of 10,000, another seed", draws, client, process)
        lines = [f"/api/layer?text={quote(f'nn.Linear(784, {30 + move})')}&activation=relu" for move in range(moves)]
        measure("layer, another size", lines, client, process)
        measure("options", ["/api/options"] * moves, client, process)


if __name__ == "__main__":
    main()
