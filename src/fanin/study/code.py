"""What somebody's functions are made of: a hash, so that changed code is another trial; and where they stand."""

import hashlib
import inspect
import sys
import sysconfig
from pathlib import Path
from types import ModuleType
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
    """A hash of the files that functions stand in, or of the functions themselves where there is no file."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(_source(part))
    return digest.hexdigest()[:16]


def _source(part: Any) -> bytes:
    if not callable(part):
        return repr(part).encode()
    function = inspect.unwrap(part)
    module = sys.modules.get(getattr(function, "__module__", ""))
    if _is_own(module) and getattr(module, "__name__", "") != "__main__":
        return Path(str(module.__file__)).read_bytes() + getattr(function, "__qualname__", "").encode()  # type: ignore[union-attr]
    try:
        return inspect.getsource(function).encode()
    except (OSError, TypeError):
        return getattr(function, "__qualname__", type(function).__qualname__).encode()
