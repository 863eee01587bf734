"""Workflow commands of GitHub Actions: each finding becomes an annotation beside the code."""

from collections.abc import Mapping
from typing import Any

from fanin.report.views import check as view
from fanin.report.words import clean

KINDS = ("check",)
_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(document: Mapping[str, Any], **_: Any) -> str:
    """A command per fault (GitHub shows ten of a kind: layers with the same fault share one), then the verdict."""
    commands = [_command(document, group) for group in view.groups(document)]
    return "\n".join([*commands, clean(f"fanin: {view.headline(document)}")])  # a line that begins so is no command


def _command(document: Mapping[str, Any], group: view.Group) -> str:
    first = group.first
    file, line = view.source(document, first)
    properties = {
        "file": file,
        "line": line,
        "title": view.title(group),
    }
    given = ",".join(f"{key}={_escape(str(value), ':,')}" for key, value in properties.items() if value is not None)
    message = _escape(f"{first['message']} {first['help']}")
    return f"::{_COMMANDS[first['severity']]} {given}::{message}"


def _escape(text: str, more: str = "") -> str:
    r"""As GitHub's own toolkit escapes a message; in a property, `more` too.

    >>> _escape("50 %: a, b", ":,")
    '50 %25%3A a%2C b'
    """
    text = clean(text)
    for sign in f"%\r\n{more}":
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text
