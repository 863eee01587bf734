"""The API reference: a page for `fanin` and one for each room with public names; mkdocstrings fills them in."""

import importlib

from words import table

SECTION = "api"
ROOMS = (
    "theory",
    "schemes",
    "recipes",
    "sampling",
    "values",
    "doctor",
    "calibrate",
    "study",
    "report",
    "errors",
    "testing",
)
_INTRODUCTION = """# Python API

What a program imports. `import fanin` takes NumPy and nothing heavier; names are loaded when they are first used.

"""


def pages() -> dict[str, str]:
    """The table, then one page each."""
    names = ("fanin", *(f"fanin.{room}" for room in ROOMS))
    rows = ((f"[`{name}`]({name}.md)", _summary(name)) for name in names)
    return {f"{SECTION}/index.md": _INTRODUCTION + table(("module", "holds"), rows)} | {
        f"{SECTION}/{name}.md": _page(name) for name in names
    }


def _summary(name: str) -> str:
    first = (importlib.import_module(name).__doc__ or "").strip().split("\n")[0].removeprefix("fanin: ")
    return first[:1].upper() + first[1:]


def _page(name: str) -> str:
    """One entry per public name; a function or class is documented where it is public, not where it is written."""
    module = importlib.import_module(name)
    members = getattr(module, "__all__", None) or _public(module)
    entries = "\n".join(f"::: {name}.{member}\n" for member in members if not member.startswith("__"))
    return f"# {name}\n\n{_summary(name)}\n\n{entries}"


def _public(module: object) -> list[str]:
    """Functions and classes that a module without `__all__` defines itself."""
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]
