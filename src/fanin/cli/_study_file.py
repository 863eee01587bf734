"""A study as a TOML file: the options of `fanin compare` by their names, and the task."""

import tomllib
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from fanin.errors import InputError, UnknownName

_OTHERS = ("task", "store", "seed")


def merged(task: str, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The task and the options of a study file, where `task` is one; what was typed wins.

    Raises:
        InputError: no such file, damaged text, a value of another type.
        UnknownName: a key that is no option.
    """
    if not task.endswith(".toml"):
        return task, options
    table = _read(Path(task))
    context = click.get_current_context()
    known = {p.name: p for p in context.command.params if p.name in options or p.name in _OTHERS}
    for name in table:
        if name not in known:
            raise UnknownName(f"key in {task}", name, list(known))
    if not isinstance(table.get("task"), str):
        raise InputError(f"{task} names no task; add a line such as task = 'he30'")
    found = {name: _value(context, known[name], value, task) for name, value in table.items() if name != "task"}
    typed = {name for name in options if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    return table["task"], options | {name: value for name, value in found.items() if name not in typed}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"{path} is no TOML: {error}") from None


def _value(context: click.Context, parameter: click.Parameter, value: Any, task: str) -> Any:
    """A value as if it had been typed."""
    several = [str(item) for item in value] if isinstance(value, list) else None
    if parameter.name == "init":
        return tuple(several or [str(value)])
    text = ",".join(several) if several is not None else value
    try:
        return parameter.type_cast_value(context, text if isinstance(text, bool) else str(text))
    except click.UsageError as error:
        raise InputError(f"{task}: {parameter.name}: {error.format_message()}") from None
