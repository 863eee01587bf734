"""`[tool.fanin]` of the nearest pyproject.toml: defaults that the command line overrides.

A key of `[tool.fanin]` is an option of every verb that has it; `[tool.fanin.check]` is for one verb. What writes files,
fetches data or sends them elsewhere stays on the command line: a checkout that somebody sent must not choose that.

`per-layer-ignores = { "backbone.*" = ["FAN104"] }` adds `backbone.*:FAN104` to `ignore`, of every verb that has it.
"""

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from fanin.errors import InputError, UnknownName

_NOT_HERE = {"out", "store", "download", "fix", "export", "mlflow", "tensorboard", "address"}
_PER_LAYER = "per-layer-ignores"


def defaults(verb: str, command: Callable[[str], click.Command], verbs: Sequence[str]) -> dict[str, Any]:
    """Defaults of one verb, for click's default_map; `command` loads a verb by name.

    Raises:
        InputError: the file is not TOML, or sets an option that belongs on the command line.
        UnknownName: the command has no such option.
    """
    path = _nearest(Path.cwd())
    if path is None:
        return {}
    table = _table(path)
    places = _places(table, path)
    sections = {key: value for key, value in table.items() if isinstance(value, dict)}
    unknown = set(sections) - set(verbs)
    if unknown:
        raise UnknownName(f"section [tool.fanin.*] of {path}", min(unknown), verbs)
    options, own = _options(command(verb)), sections.get(verb, {})
    for key in own:
        if key not in options:
            raise UnknownName(f"option in [tool.fanin.{verb}] of {path}", key, options)
    shared = {key: value for key, value in table.items() if key not in sections}
    for key in set(shared) - set(options):
        known = {_PER_LAYER} | {name for other in verbs for name in _options(command(other))}
        if key not in known:
            raise UnknownName(f"option in [tool.fanin] of {path}", key, known)
    chosen = {key: value for key, value in (shared | own).items() if key in options}
    if _NOT_HERE & set(chosen):
        raise InputError(f"{path}: {min(_NOT_HERE & set(chosen))!r} belongs on the command line")
    if "ignore" in options:
        chosen["ignore"] = [*_list(chosen.get("ignore", []), f"ignore of {path}"), *places]
    return {options[key]: value for key, value in chosen.items()}


def rules(folder: Path) -> dict[str, list[str]]:
    """The rules to select and to ignore in a check, by the pyproject.toml nearest to a folder.

    Raises:
        InputError: the file is not TOML, or these are no lists of codes.
    """
    path = _nearest(folder)
    if path is None:
        return {}
    table = _table(path)
    places, own = _places(table, path), table.get("check", {})
    codes = {name: _list(own.get(name, table.get(name, [])), f"{name} of {path}") for name in ("select", "ignore")}
    return codes | {"ignore": [*codes["ignore"], *places]}


def _nearest(folder: Path) -> Path | None:
    return next((p for f in (folder, *folder.parents) if (p := f / "pyproject.toml").is_file()), None)


def _places(table: dict[str, Any], path: Path) -> list[str]:
    """What `per-layer-ignores` says, taken out of the table, as `--ignore` has it."""
    given = table.pop(_PER_LAYER, {})
    if not isinstance(given, dict):
        raise InputError(f'{path}: {_PER_LAYER} is {given!r}, expected a table such as {{ "backbone.*" = ["FAN104"] }}')
    where = f"{_PER_LAYER} of {path}"
    return [f"{pattern}:{code}" for pattern, codes in given.items() for code in _list(codes, where)]


def _list(value: Any, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f'{where}: got {value!r}, expected a list of codes such as ["FAN104"]')
    return value


def _options(command: click.Command) -> dict[str, str]:
    """Options as typed, and what click calls them."""
    return {name.lstrip("-"): item.name for item in command.params for name in item.opts if item.name}


def _table(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            table = tomllib.load(file).get("tool", {}).get("fanin", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise InputError(f"{path}: {error}") from None
    if not isinstance(table, dict):
        raise InputError(f"{path}: [tool.fanin] is {table!r}, expected a table")
    dashed = {key.replace("_", "-"): value for key, value in table.items()}
    return {key: value if key == _PER_LAYER else _dashed(value) for key, value in dashed.items()}


def _dashed(value: Any) -> Any:
    return {key.replace("_", "-"): item for key, item in value.items()} if isinstance(value, dict) else value
