"""fanin lab."""

import importlib
from types import ModuleType

import click

from fanin.errors import MissingExtra


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Where to listen on 127.0.0.1; 0 takes any free port.",
)
@click.option("--no-browser", is_flag=True, help="Print the address and open nothing.")
def command(port: int, no_browser: bool) -> int:
    """Open the interactive page: draw, propagate, learn, and ask about your own layer.

    It answers to this machine alone, and ends with Ctrl-C.

    \b
    fanin lab
    fanin lab --port 0 --no-browser
    """
    server = _server()
    listening = server.listen(port)
    address = f"http://{server.HOST}:{listening.getsockname()[1]}/"

    def ready() -> None:
        click.echo(f"fanin lab: {address} (Ctrl-C ends it)")
        if not no_browser:
            import webbrowser

            webbrowser.open(address)

    server.serve(listening, ready)
    return 0


def _server() -> ModuleType:
    """The server, whose packages are an extra.

    Raises:
        MissingExtra: they are not installed.
    """
    try:
        return importlib.import_module("fanin.lab.serve")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "fanin":
            raise
        raise MissingExtra("starlette and uvicorn", "lab", "the lab's page") from None
