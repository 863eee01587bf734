"""The page's own files, with the types that browsers insist on for modules."""

import importlib.resources
from pathlib import Path
from typing import Final

from starlette.responses import Response

from fanin.lab.answers import Refusal

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}


def static(name: str) -> Response:
    """A file of the folder `static`, by its path in it.

    Raises:
        Refusal: there is none (404); nothing outside the folder is looked at.
    """
    folder = Path(str(importlib.resources.files("fanin.lab") / "static")).resolve()
    kind = _TYPES.get(Path(name).suffix)
    parts = name.split("/")
    if kind is None or "\0" in name or "\\" in name or any(part in ("", ".", "..") for part in parts):
        raise _nothing(name)
    path = folder.joinpath(*parts)
    if not path.resolve().is_relative_to(folder) or not path.is_file():
        raise _nothing(name)
    return Response(path.read_bytes(), media_type=kind, headers={"cache-control": "no-cache"})


def _nothing(name: str) -> Refusal:
    return Refusal(404, "not-found", f"there is no file {name[:60]!r} here")
