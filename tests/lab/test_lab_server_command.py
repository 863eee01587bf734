"""`fanin lab` as a person starts and ends it."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys

import pytest

from fanin.cli import run


def test_it_says_where_it_is_and_ends_with_ctrl_c_though_somebody_listens() -> None:
    command = [sys.executable, "-m", "fanin", "lab", "--port", "0", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        said = process.stdout.readline()
        found = re.fullmatch(r"fanin lab: http://127\.0\.0\.1:(\d+)/ \(Ctrl-C ends it\)\n", said)
        assert found, said
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=30)
        body = json.dumps({"task": "nielsen", "inits": ["rand"], "epochs": 100, "data": "digits"})
        connection.request("POST", "/api/runs", body, {"Content-Type": "application/json"})
        run_id = json.loads(connection.getresponse().read())["id"]
        connection.request("GET", f"/api/runs/{run_id}/events")
        stream = connection.getresponse()  # which takes the connection's socket with it
        assert stream.readline() == b"id: 0\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, 130)
        assert process.stdout.read() == ""
        assert process.stderr.read().strip() in ("", "fanin: interrupted")
        stream.close()
        connection.close()


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
