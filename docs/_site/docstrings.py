"""Docstrings as griffe reads them: `Example:` is its section `Examples:`, whose prompts are code."""

import re

from griffe import Docstring, Extension, Object

_EXAMPLE = re.compile(r"^Example:$", re.MULTILINE)


class Examples(Extension):
    """Renames the heading in every docstring."""

    def on_object(self, *, obj: Object, **_: object) -> None:
        """Called by griffe for each module, class, function and attribute."""
        if isinstance(obj.docstring, Docstring):
            obj.docstring.value = _EXAMPLE.sub("Examples:", obj.docstring.value)
