"""A page for every preset of `fanin compare`: its docstring and its settings."""

import inspect
import re
from dataclasses import fields

from words import code, essay, table

from fanin import _discover
from fanin.study import Task

SECTION = "presets"
_INTRODUCTION = """# The presets

Known experiments as data, for `fanin compare PRESET`; a preset is a network, a loss and an optimiser.

"""


def pages() -> dict[str, str]:
    """The table, then one page each."""
    modules = {module.TASK.name: module for module in _discover.modules("fanin.study.tasks")}
    rows = ((f"[`{name}`]({name}.md)", module.TASK.title) for name, module in modules.items())
    index = _INTRODUCTION + table(("preset", "trains"), rows)
    each = {
        f"{SECTION}/{name}.md": _page(module.TASK, inspect.getdoc(module) or "") for name, module in modules.items()
    }
    return {f"{SECTION}/index.md": index} | each


def _page(task: Task, page: str) -> str:
    rows = ((field.name, code(_value(getattr(task, field.name)))) for field in fields(task) if field.name != "title")
    return (
        f"# {task.name}\n\n{essay(_headed(page))}\n\n"
        f"```console\n$ fanin compare {task.name}\n```\n\n## As data\n\n{table(('setting', 'value'), rows)}"
    )


def _headed(page: str) -> str:
    """A line with an indented paragraph below it is a heading."""
    page = re.sub(r"^(\S.*)\n(?=    \S)", r"## \1\n\n", page, flags=re.MULTILINE)
    return re.sub(r"^    ", "", page, flags=re.MULTILINE)


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
