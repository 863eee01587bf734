"""Docstrings as griffe reads them: `Example:` is a section of code, and `low, high: text` an entry for each name."""

import re

from griffe import Docstring, Extension, Object

_EXAMPLE = re.compile(r"^Example:$", re.MULTILINE)
_SEVERAL = re.compile(r"^(?P<indent> +)(?P<names>\w+(?:, \w+)+): (?P<text>.*\n?(?:(?P=indent) +.*\n?)*)", re.MULTILINE)


class Sections(Extension):
    """Mends every docstring before it is parsed."""

    def on_object(self, *, obj: Object, **_: object) -> None:
        """Called by griffe for each module, class, function and attribute."""
        if isinstance(obj.docstring, Docstring):
            text = _EXAMPLE.sub("Examples:", obj.docstring.value)
            obj.docstring.value = _SEVERAL.sub(_one_each, text)


def _one_each(entry: re.Match[str]) -> str:
    text = entry["text"].rstrip("\n") + "\n"
    return "".join(f"{entry['indent']}{name}: {text}" for name in entry["names"].split(", "))
