"""Code that a user names: `path/file.py:name` or `package.module:name`. It is the user's own; we say that it runs.

What it prints goes to stderr, beside our messages; what it raises becomes one line with the place where it was raised.
"""

import ast
import contextlib
import functools
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from fanin.cli._arrays import read_arrays
from fanin.errors import FaninError, InputError, UnknownName, at

_ARRAYS = (".npz", ".safetensors")


def is_code(text: str) -> bool:
    """Whether a text names something in code, and no file of arrays."""
    return not text.endswith(_ARRAYS) and (":" in text or text.endswith(".py"))


def read_target(text: str, *, quiet: bool = False) -> Any:
    """Arrays by name, a model, or a function that builds one; code is run to get at it.

    Raises:
        InputError: no such file or name, or code that raises.
    """
    return named(text, "a function that builds a model", quiet=quiet) if is_code(text) else read_arrays(Path(text))


def read_data(text: str, *, quiet: bool = False) -> Any:
    """A batch: of an .npz file x, or (x, y), or all its arrays by name; of code what it is or returns.

    Raises:
        InputError: no such file or name, or code that raises.
    """
    if is_code(text):
        found = named(text, "a function that returns a batch", quiet=quiet)
        return found() if callable(found) else found
    arrays = read_arrays(Path(text))
    for x, y in (("x", "y"), ("x_train", "y_train")):
        if x in arrays:
            return (arrays[x], arrays[y]) if y in arrays else arrays[x]
    return arrays


def named(text: str, what: str, *, quiet: bool = False) -> Any:
    """What a module or file calls by this name; functions among it are guarded.

    Args:
        text: `path/file.py:name` or `package.module:name`.
        what: is wanted, in words.
        quiet: do not say that code runs.

    Raises:
        InputError: no such file or name, or code that raises.
    """
    origin, _, name = text.rpartition(":")
    if not origin or not name:
        raise InputError(f"{text!r}: say which name of it is {what}: {text.rstrip(':')}:{_example(Path(text))}")
    _verify_origin(origin)
    if not quiet:
        _announce(origin)
    module = _module(origin)
    found = vars(module).get(name)
    if found is None:
        raise UnknownName(f"name in {origin}", name, _defined(module))
    return guarded(found) if inspect.isroutine(found) or inspect.isclass(found) else found


def _announce(origin: str) -> None:
    """Says once in a command that this code is run."""
    context = click.get_current_context(silent=True)
    said: set[str] = set() if context is None else context.meta.setdefault("fanin.running", set())
    if origin not in said:
        said.add(origin)
        click.echo(f"fanin: running {origin}", err=True)


def _defined(module: ModuleType) -> list[str]:
    """Names of the functions that a module itself defines; of its classes, if it has no function."""
    own = {key: value for key, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
    public = {key: value for key, value in own.items() if not key.startswith("_")}
    functions = [key for key, value in public.items() if inspect.isfunction(value)]
    return functions or [key for key, value in public.items() if inspect.isclass(value)]


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function; what it raises is one line, and what it prints does not mix with results."""

    @functools.wraps(function, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        with users_code(f"{function.__name__}()"):
            return function(*args, **kwargs)

    return call


@contextlib.contextmanager
def users_code(what: str) -> Iterator[None]:
    """Runs code that isn't ours.

    Raises:
        InputError: with what it raised, and where.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except (FaninError, KeyboardInterrupt, MemoryError):
        raise
    except SyntaxError as error:
        raise InputError(f"{what} cannot be read: {error.msg} ({error.filename}:{error.lineno})") from None
    except BaseException as error:
        raise InputError(f"{what} raised {type(error).__name__}: {error}{at(error)}") from error


def source(text: str, found: Any) -> dict[str, Any]:
    """Where the code stands that was named, for those who show findings beside it; nothing if that can't be told."""
    with contextlib.suppress(OSError, TypeError):
        if is_code(text) and text.rpartition(":")[0].endswith(".py"):
            line = inspect.getsourcelines(inspect.unwrap(found))[1]
            return {"source": {"file": text.rpartition(":")[0], "line": line}}
    return {}


def _verify_origin(origin: str) -> None:
    """Refuses what is no code before anything is run.

    Raises:
        InputError: no such file, or no name of a module.
    """
    path = Path(origin)
    if path.suffix == ".py" and not path.is_file():
        raise InputError(f"{origin!r}: {'not a file' if path.exists() else 'no such file'}")
    if path.suffix != ".py" and not all(part.isidentifier() for part in origin.split(".")):
        raise InputError(f"{origin!r} is neither a Python file nor the name of a module")


def _module(origin: str) -> ModuleType:
    """A file or a module, imported as Python would in its folder."""
    path = Path(origin)
    folder = str(path.resolve().parent if path.suffix == ".py" else Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    if path.suffix != ".py" and importlib.util.find_spec(origin.partition(".")[0]) is None:
        raise InputError(f"no module is called {origin!r}, neither here nor among those installed")
    with users_code(origin):
        return _import_file(path.resolve()) if path.suffix == ".py" else importlib.import_module(origin)


def _import_file(path: Path) -> ModuleType:
    """Once, however many names of it are given."""
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == str(path):
            return module
    name = path.stem if path.stem.isidentifier() and path.stem not in sys.modules else f"_fanin_{abs(hash(path))}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{str(path)!r} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _example(path: Path) -> str:
    """A name that the file defines, read without running it: best of a function that takes nothing."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return "NAME"
    defined = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    return min(defined, key=_unfitness).name if defined else "NAME"


def _unfitness(node: ast.FunctionDef | ast.ClassDef) -> int:
    """Of an example: a private name, arguments that must be given, a class."""
    made = [part for part in getattr(node, "body", ()) if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
    called = node if isinstance(node, ast.FunctionDef) else next(iter(made), None)
    needed = 0
    if called is not None:
        given = called.args
        needed = len(given.posonlyargs) + len(given.args) - len(given.defaults) - (called is not node)
        needed += sum(default is None for default in given.kw_defaults)
    return 4 * node.name.startswith("_") + 2 * (needed > 0) + isinstance(node, ast.ClassDef)
