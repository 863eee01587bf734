"""Answers as JSON, refusals among them."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response


class Refusal(Exception):
    """Why a request is not answered: the status, a slug for programs, one line for people."""

    def __init__(self, status: int, code: str, error: str) -> None:
        super().__init__(error)
        self.status, self.code, self.error = status, code, error


def answer(data: Mapping[str, Any], status: int = 200) -> Response:
    """A document. Numbers that JSON lacks never get here: the documents write them as null or as text."""
    body = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return Response(body, status, media_type="application/json", headers={"cache-control": "no-store"})


def refuse(refusal: Refusal) -> Response:
    """A refusal as JSON: `{"error", "code"}`."""
    response = answer({"error": refusal.error, "code": refusal.code}, refusal.status)
    if refusal.status in (429, 503):
        response.headers["retry-after"] = "1"
    return response
