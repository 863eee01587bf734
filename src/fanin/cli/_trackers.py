"""The trials of a study as runs of people's trackers: the same options of `fanin compare` and `fanin report`."""

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from fanin.errors import MissingExtra

Command = TypeVar("Command", bound=Callable[..., Any])

NAMES = ("mlflow", "tensorboard")


def trackers(function: Command) -> Command:
    """--mlflow and --tensorboard."""
    function = click.option(
        "--tensorboard", type=click.Path(file_okay=False, path_type=Path), help="Write event files under this folder."
    )(function)
    return click.option("--mlflow", metavar="URI", help="Send the trials to MLflow as runs; none twice.")(function)


def installed(places: Mapping[str, Any]) -> None:
    """Complain before long work rather than after it.

    Raises:
        MissingExtra: a tracker's package is not here.
    """
    for name in NAMES:
        if places[name] is not None and importlib.util.find_spec(name) is None:
            raise MissingExtra("mlflow-skinny" if name == "mlflow" else name, name, f"--{name}")


def send(document: Mapping[str, Any], places: Mapping[str, Any], *, quiet: bool) -> None:
    """Send what is not there yet, and say what that was.

    Raises:
        FaninError: a place that can't be reached or written.
    """
    from fanin.study import exports

    for name in NAMES:
        if places[name] is not None:
            words = exports.send(document, name, str(places[name]))
            if not quiet:
                click.echo(f"fanin: {words}", err=True)
