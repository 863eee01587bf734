"""What somebody's functions are made of: a hash, so that changed code is another trial; and where they stand."""

import functools
import hashlib
import inspect
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any


def own_modules(*functions: Any) -> tuple[ModuleType, ...]:
    """The modules in which functions stand, and those beside them, that are neither installed nor fanin's."""
    homes = {getattr(f, "__module__", None) for f in functions if callable(f)}
    own = [sys.modules[name] for name in homes if name in sys.modules and _is_own(sys.modules[name])]
    folders = {Path(module.__file__).parent for module in own if module.__file__}
    beside = [m for m in sys.modules.values() if _is_own(m) and Path(str(m.__file__)).parent in folders]
    return tuple({module.__name__: module for module in (*own, *beside) if module.__name__ != "__main__"}.values())


def _is_own(module: Any) -> bool:
    """Whether a module is neither installed nor fanin's."""
    file = getattr(module, "__file__", None)
    if not file or module.__name__.partition(".")[0] == "fanin":
        return False
    installed = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return not any(str(file).startswith(str(folder)) for folder in installed)


def hashed(*parts: Any) -> str:
    """A hash of all that functions are made of, as far as Python tells: so that another network is another trial.

    Of a function in a file: the file, and those of its own that it imports at its top; of one without: its text, and
    of what it names likewise. Of both: defaults, and what a closure, a `partial` or an object carries with it.
    """
    digest = hashlib.sha256()
    for piece in _pieces(parts, set()):
        digest.update(piece + b"\0")
    return digest.hexdigest()[:16]


def _pieces(value: Any, seen: set[int]) -> Iterator[bytes]:
    """What a value consists of; each function, class and module once."""
    if isinstance(value, Mapping):
        for key in value:
            yield repr(key).encode()
            yield from _pieces(value[key], seen)
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _pieces(item, seen)
    elif value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        yield repr(value).encode()
    elif id(value) not in seen:
        seen.add(id(value))
        yield from _of_object(inspect.unwrap(value) if callable(value) else value, seen)


def _of_object(value: Any, seen: set[int]) -> Iterator[bytes]:
    kind = value if isinstance(value, (type, FunctionType)) else type(value)
    yield f"{kind.__module__}.{kind.__qualname__}".encode()
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    if hasattr(value, "tobytes"):
        yield value.tobytes()
    elif isinstance(value, functools.partial):
        yield from _pieces((value.func, value.args, value.keywords), seen)
    elif isinstance(value, MethodType):
        yield from _pieces((value.__func__, value.__self__), seen)
    elif kind is value:
        yield from _of_code(value, seen)
    else:
        yield from _of_code(kind, seen)
        yield from _pieces(getattr(value, "__dict__", {}), seen)


def _of_code(found: Any, seen: set[int]) -> Iterator[bytes]:
    """Of a function or a class, its text and all that it uses by name; nothing of one that is installed."""
    module = sys.modules.get(found.__module__)
    if _is_own(module) and found.__module__ != "__main__":
        yield from _files(module, seen)
    elif not getattr(module, "__file__", None) or found.__module__ == "__main__":
        try:
            yield inspect.getsource(found).encode()
        except (OSError, TypeError):  # typed at a prompt: the compiled code is all that is left of it
            yield found.__code__.co_code if isinstance(found, FunctionType) else b""
    if not (_is_own(module) or found.__module__ == "__main__"):
        return
    if isinstance(found, type):
        yield from _pieces({k: v for k, v in vars(found).items() if not k.startswith("__") or callable(v)}, seen)
    else:
        if found.__name__ == "<lambda>":  # whose text is that of its line, and of others on it
            yield from _compiled(found.__code__)
        used = inspect.getclosurevars(found)
        yield from _pieces((found.__defaults__, found.__kwdefaults__, used.nonlocals), seen)
        named = {name: value for name, value in used.globals.items() if not isinstance(value, ModuleType)}
        yield from _pieces(named, seen)


def _compiled(code: CodeType) -> Iterator[bytes]:
    """What a function does, wherever it stands."""
    yield code.co_code
    yield repr(code.co_names).encode()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _compiled(constant)
        else:
            yield repr(sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant).encode()


def _files(module: Any, seen: set[int]) -> Iterator[bytes]:
    """The file of a module, and those of its own that it imports."""
    if id(module) in seen:
        return
    seen.add(id(module))
    yield Path(module.__file__).read_bytes()
    for value in list(vars(module).values()):
        other = value if isinstance(value, ModuleType) else sys.modules.get(getattr(value, "__module__", None) or "")
        if _is_own(other) and other is not sys.modules.get("__main__"):
            yield from _files(other, seen)
