"""Where results go: to the terminal as it can show them, or to a file, whole or not at all."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from fanin.errors import InputError

_PICTURES = {".svg": "svg", ".png": "png"}
_TEXTS = {".json": "json", ".html": "html", ".htm": "html", ".txt": "text", ".md": "text", "": "text"} | {
    ".sarif": "sarif",
    ".xml": "junit",
}


def emit(document: Mapping[str, Any], format_: str | None, out: Path | None) -> None:
    """Render a document and print it or write it; the ending of the file says how, unless --format does.

    Raises:
        InputError: an ending that means no format, or a file that cannot be written.
    """
    from fanin import report

    if out is None:
        click.echo(report.render(document, format_ or "text", **_terminal()).rstrip("\n"))
    elif format_ is None and is_picture(out):
        write(out, report.picture(document, _PICTURES[out.suffix.lower()]))
    else:
        write(out, report.render(document, format_ or text_format(out)))


def is_picture(out: Path) -> bool:
    """Whether the ending of a file means a picture."""
    return out.suffix.lower() in _PICTURES


def say(text: str, out: Path | None) -> None:
    """Print a text or write it."""
    if out is not None:
        write(out, text + "\n")
    else:
        click.echo(text if speaks_unicode() else text.encode("ascii", "replace").decode())


def text_format(out: Path | None) -> str:
    """The format that a file's ending means.

    Raises:
        InputError: no format has this ending.
    """
    ending = "" if out is None else out.suffix.lower()
    if ending not in _TEXTS:
        known = ", ".join(key for key in (*_TEXTS, *_PICTURES) if key)
        raise InputError(f"--out {str(out)!r}: no format has the ending {ending!r}; known are {known}, or say --format")
    return _TEXTS[ending]


def writable(path: Path | None) -> None:
    """Complain before long work rather than after it.

    Raises:
        InputError: there is no such folder.
    """
    if path is not None and not path.absolute().parent.is_dir():
        raise InputError(f"cannot write {str(path)!r}: there is no folder {str(path.parent)!r}")


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: beside it first, then renamed. Devices and pipes are written to directly.

    Raises:
        InputError: the folder is missing, full or read-only.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as device:
                device.write(data)
        else:
            _replace(path.resolve(), data)
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror}; nothing was written") from None


def _replace(path: Path, data: bytes) -> None:
    with beside(path) as temporary, temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """An empty file beside another, which takes its place when the block ends without an error."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        temporary = Path(file.name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _terminal() -> dict[str, Any]:
    """What the reader's terminal can show."""
    return {
        "width": shutil.get_terminal_size((100, 24)).columns,
        "color": sys.stdout.isatty() and "NO_COLOR" not in os.environ,
        "ascii": not speaks_unicode(),
    }


def speaks_unicode() -> bool:
    """Whether the terminal can show what lies beyond ASCII."""
    try:
        "▁█±·".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
