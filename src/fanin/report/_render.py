"""One document in, one text out."""

import pkgutil
import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from fanin.errors import InputError, UnknownName, shorten
from fanin.report import formats as _formats
from fanin.report._schema import schemas


def formats() -> tuple[str, ...]:
    """The formats that there are: the files of `formats/`, none of them imported.

    >>> formats()
    ('github', 'html', 'json', 'junit', 'sarif', 'text')
    """
    return tuple(sorted(info.name for info in pkgutil.iter_modules(_formats.__path__)))


def render(
    document: Mapping[str, Any], format: str = "text", *, width: int = 100, color: bool = False, ascii: bool = False
) -> str:
    """A document as text, without a newline at its end.

    Args:
        document: what a verb returned; its "schema" says which kind it is.
        format: `text`, `json` or `html`; of a check also `sarif`, `github` or `junit`.
        width: columns of the terminal (text).
        color: whether to write terminal colours (text).
        ascii: whether the reader's terminal lacks everything beyond ASCII (text).

    Raises:
        UnknownName: no such format.
        InputError: no such kind of document, one that this format does not show, or a document that lacks a part.

    Example:
        >>> print(render({"schema": "fanin.check/1", "target": "net.npz", "framework": "numpy", "verdict": "pass",
        ...               "cause": None, "findings": [], "layers": []}))
        net.npz passes: nothing found.
    """
    if format not in formats():
        raise UnknownName("format", format, formats())
    kind = kind_of(document)
    module = import_module(f"{_formats.__name__}.{format}")
    kinds: tuple[str, ...] = getattr(module, "KINDS", schemas())
    if kind not in kinds:
        raise InputError(f"{format} shows a document of kind {' or '.join(kinds)}; this is one of kind {kind}")
    try:
        text: str = module.render(document, width=width, color=color, ascii=ascii)
    except KeyError as error:
        raise InputError(
            f"this {document['schema']} document lacks {error}; see fanin.report.schema({kind!r})"
        ) from error
    return text


def kind_of(document: Mapping[str, Any]) -> str:
    """The kind of a document: `study` for "fanin.study/1".

    Raises:
        InputError: not a document, an unknown kind, or another version.
    """
    given = document.get("schema") if isinstance(document, Mapping) else None
    match = re.fullmatch(r"fanin\.([a-z]+)/1", given) if isinstance(given, str) else None
    if match is None or match[1] not in schemas():
        known = ", ".join(f"fanin.{name}/1" for name in schemas())
        what = f'"schema": {shorten(repr(given))}' if isinstance(document, Mapping) else f"a {type(document).__name__}"
        raise InputError(f"cannot render a document with {what}; expected one of {known}")
    return match[1]
