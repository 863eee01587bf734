"""Everything that fanin raises on purpose.

    FaninError              one clear line: what was given, what was expected, what to do
    ├── UnknownName         a name that no table holds; carries the nearest known ones
    ├── ExpressionError     a text that is not understood; carries the offending column
    ├── InputError          data of the wrong shape, type or content; a broken file
    ├── MissingExtra        an optional dependency that is not installed
    └── FaultsFound         the doctor found errors or warnings, and was asked to raise

The command line turns each of them into one line on stderr and exit code 2.
"""

import os
import traceback
from collections.abc import Iterable
from difflib import get_close_matches

_OURS = os.path.dirname(__file__)
_NOT_OWN = (_OURS, os.path.dirname(os.__file__), "site-packages", "dist-packages", "<frozen")


class FaninError(Exception):
    """Base of all errors that are the input's fault and not fanin's."""


class UnknownName(FaninError):
    """A name that is not in a table, with the nearest three that are; aliases may be near, but are not listed."""

    def __init__(self, kind: str, name: str, known: Iterable[str], aliases: Iterable[str] = ()) -> None:
        names = sorted(known)
        near = get_close_matches(name.lower(), [*names, *aliases], n=3, cutoff=0.6)
        some = ", ".join(names) if len(names) <= 20 else f"{', '.join(names[:5])} and {len(names) - 5} more"
        hint = f"did you mean {' or '.join(near)}?" if near else f"known are {some}"
        super().__init__(f"unknown {kind} {shorten(name)!r}; {hint}")


class ExpressionError(FaninError):
    """A text that could not be read, and the column (0-based) where reading stopped."""

    def __init__(self, message: str, text: str, column: int) -> None:
        self.text = text
        self.column = max(0, min(column, len(text)))
        self.reason = message
        super().__init__(f"{message} (column {self.column + 1} of {shorten(text)!r})")


class InputError(FaninError):
    """Data or a file that cannot be used as it is."""


class MissingExtra(FaninError):
    """An optional dependency is needed and not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs {package}; install it with: pip install 'fanin[{extra}]'")


class FaultsFound(FaninError):
    """A network that starts badly, with the principal cause."""


def a(word: str) -> str:
    """A word behind its article.

    >>> a("int"), a("str")
    ('an int', 'a str')
    """
    return f"{'an' if word[:1].lower() in set('aeiou') else 'a'} {word}"


def shorten(text: str, limit: int = 60) -> str:
    """A text cut to `limit` characters, so that an error stays one line.

    >>> shorten("np.random.rand", 8)
    'np.rand…'
    """
    return text if len(text) <= limit else text[: limit - 1] + "…"


def at(error: BaseException) -> str:
    """The place in brackets, to stand behind a message; nothing if a call as such was wrong, in no code but ours."""
    where = place(error)
    return f" ({where})" if where else ""


def place(error: BaseException) -> str:
    """Where an error was raised, as `file:line`: in the innermost code that is neither ours nor a package's.

    If all of it is a package's, as in an `nn.Sequential`: there, and never in ours.
    """
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(_OURS)]
    own = [frame for frame in frames if not any(part in frame.filename for part in _NOT_OWN)]
    return "".join(f"{frame.filename}:{frame.lineno}" for frame in (own or frames)[-1:])
