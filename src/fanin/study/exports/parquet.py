"""Apache Parquet, by pyarrow; columns have types, and the whole document stands in the metadata as `fanin.study/1`."""

import io
import json
from collections.abc import Mapping
from typing import Any

from fanin.errors import MissingExtra
from fanin.study.exports._rows import COLUMNS, rows


def encode(document: Mapping[str, Any]) -> bytes:
    """The rows as one table."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("pyarrow", "parquet", "a Parquet file") from None
    found = list(rows(document))
    columns = {name: [row[name] for row in found] for name in COLUMNS}
    whole = {b"fanin.study/1": json.dumps(document).encode()}
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns).replace_schema_metadata(whole), buffer)
    return buffer.getvalue()
