"""Comma-separated values (RFC 4180), UTF-8; what is not known is empty."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from fanin.study.exports._rows import COLUMNS, rows


def encode(document: Mapping[str, Any]) -> bytes:
    """The rows under a line of names."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows({key: _plain(value) for key, value in row.items()} for row in rows(document))
    return text.getvalue().encode()


def _plain(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula is a text: a quote before it says so."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
