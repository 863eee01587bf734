"""A list of objects, one per trial and epoch."""

import json
from collections.abc import Mapping
from typing import Any

from fanin.study.exports._rows import rows


def encode(document: Mapping[str, Any]) -> bytes:
    """The rows, one per line."""
    lines = (json.dumps(row, allow_nan=False) for row in rows(document))
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()
