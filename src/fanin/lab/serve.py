"""The server: one process on 127.0.0.1, from the open port to its clean end."""

import os
import socket
from collections.abc import Callable
from typing import Final

import uvicorn

from fanin.errors import InputError
from fanin.lab.app import create_app
from fanin.lab.patience import PatientProtocol

HOST: Final = "127.0.0.1"
_MOST_CONNECTIONS: Final = 256


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
    Server(config).run([found])
