"""The JSON Schema of each document: a file per kind, the contract with other programs."""

import json
from importlib.resources import files
from typing import Any

from fanin.errors import UnknownName


def schemas() -> tuple[str, ...]:
    """The kinds of document that there are.

    >>> schemas()
    ('check', 'explain', 'init', 'propagate', 'rules', 'sample', 'schemes', 'study')
    """
    folder = files("fanin.report") / "schemas"
    return tuple(sorted(file.name.removesuffix(".json") for file in folder.iterdir() if file.name.endswith(".json")))


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind of document, complete in itself.

    Args:
        name: `explain`, `check`, ...; or as a document has it, "fanin.check/1".

    Raises:
        UnknownName: with the nearest known kinds.

    Example:
        >>> schema("check")["$id"]
        'urn:fanin:check:1'
    """
    name = name.removeprefix("fanin.").removesuffix("/1")
    if name not in schemas():
        raise UnknownName("schema", name, schemas())
    data: dict[str, Any] = json.loads((files("fanin.report") / "schemas" / f"{name}.json").read_text("utf-8"))
    if name == "study":  # an arm carries the document of its check: bundle that schema, as 2020-12 has it
        data["$defs"]["check"] = schema("check")
    return data
