"""`fanin lab` as a person starts and ends it."""

import os
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from fanin.cli import run

from .conftest import start_server


def test_it_says_where_it_is_and_ends_with_ctrl_c() -> None:
    process, address = start_server()
    with socket.create_connection(("127.0.0.1", urlsplit(address).port or 0), timeout=20):
        process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, 130)
    assert process.stdout is not None
    assert process.stdout.read() == ""
    process.stdout.close()


def test_a_port_that_is_taken_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run(["lab", "--port", str(port), "--no-browser"]) == 2
    error = capsys.readouterr().err
    assert (
        error == f"fanin: port {port} of 127.0.0.1: Address already in use; choose another with --port, or 0 for any\n"
    )


def test_a_port_that_cannot_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "--port", "70000"]) == 2
    assert "70000" in capsys.readouterr().err


@pytest.mark.parametrize("package", ["starlette", "uvicorn"])
def test_a_missing_extra_is_one_line(package: str) -> None:
    code = (
        f"import sys; sys.modules[{package!r}] = None; from fanin.cli import run; sys.exit(run(['lab', '--port', '0']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 2
    wanted = "the lab's page needs starlette and uvicorn; install it with: pip install 'fanin[lab]'"
    assert done.stderr == f"fanin: {wanted}\n"
    assert done.stdout == ""


def test_help_names_all_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "--help"]) == 0
    text = capsys.readouterr().out
    assert "--port" in text
    assert "--no-browser" in text
    assert "127.0.0.1" in text
