"""The server: one process on 127.0.0.1, from the open port to its clean end."""

import ctypes
import os
import socket
import sys
from collections.abc import Callable
from typing import Final

import uvicorn

from fanin.errors import InputError
from fanin.lab.app import create_app
from fanin.lab.patience import PatientProtocol

HOST: Final = "127.0.0.1"
_MOST_CONNECTIONS: Final = 256
_TURN: Final = 0.0005
"""Seconds until a thread of Python gives way to another: a training must not hold up an answer of many small steps."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _KEPT_BYTES = -1, -3, 1 << 27  # of malloc.h


def listen(port: int) -> socket.socket:
    """A socket on 127.0.0.1; port 0 takes any that is free.

    Raises:
        InputError: the port is taken, or not ours to take.
    """
    # with its protocol named asyncio sends small answers at once, instead of waiting 40 ms for an acknowledgement
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # a server that has just ended is no obstacle; elsewhere the option would share the port
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        found.listen(_MOST_CONNECTIONS)
    except OSError as error:
        found.close()
        raise InputError(f"port {port} of {HOST}: {error.strerror}; choose another with --port, or 0 for any") from None
    return found


def serve(found: socket.socket, ready: Callable[[], None]) -> None:
    """Answer until interrupted; `ready` is called once, when the first request can be answered."""

    app = create_app()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.state.trainer.close()  # what streams its events would hold up the end
            await super().shutdown(sockets)

    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        log_config=None,
        log_level="error",  # a malformed request is its sender's business
        access_log=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=1,
    )
    _keep_memory()
    sys.setswitchinterval(_TURN)
    Server(config).run([found])


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
