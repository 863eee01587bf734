"""One HTML file that needs nothing else: styles and pictures within, no script, nothing loaded from anywhere.

A kind of document is a template and, where it has pictures, a file here that draws them. Every text is foreign:
Jinja escapes it, and control characters are spelled out.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, UndefinedError
from markupsafe import Markup

from fanin.report._render import kind_of
from fanin.report.formats import json
from fanin.report.words import clean, number, percent, plural

_ROWS, _FAULTS = 24, 4  # of a notebook's table, and paragraphs above it


def render(document: Mapping[str, Any], **_: Any) -> str:
    """The document as a page."""
    kind = kind_of(document)
    pictures = import_module(f"{__name__}.{kind}").pictures(document)
    view = import_module(f"fanin.report.views.{kind}")
    page = _environment().get_template(f"{kind}.html")
    try:
        return page.render(document=document, view=view, data=_data(document), **pictures).strip()
    except UndefinedError as error:  # a template's word for a key that is not there
        raise KeyError(error.message) from error


def fragment(document: Mapping[str, Any]) -> str:
    """A check as a small part of somebody else's page, a notebook: light or dark, no picture, nothing loaded."""
    view, layers = (import_module(f"fanin.report.views.{name}") for name in ("check", "layers"))
    rows = layers.rows(document)
    rows = [rows[i] for i in layers.shown(rows, _ROWS)]
    looks = import_module(f"{__name__}.check").LOOKS
    template = _environment().get_template("fragment.html")
    return template.render(
        document=document, view=view, table=layers.table(document, rows), shown=rows, looks=looks, limit=_FAULTS
    ).strip()


def _data(document: Mapping[str, Any]) -> Markup:
    """The document as JSON with nothing that HTML would read: such signs stand in strings alone, and are spelled."""
    text = json.render(document)
    for sign in "&<>":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__name__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters |= {"number": number, "percent": percent, "plural": plural}
    return environment


def _finalize(value: Any) -> Any:
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return clean(value, keep="\n")
    return value
