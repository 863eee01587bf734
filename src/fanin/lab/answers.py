"""Answers as JSON, refusals among them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from starlette.responses import Response

from fanin.errors import FaninError


class Refusal(Exception):
    """Why a request is not answered: the status, a slug for programs, one line for people, the input at fault."""

    def __init__(self, status: int, code: str, error: str, field: str | None = None) -> None:
        super().__init__(error)
        self.status, self.code, self.error, self.field = status, code, error, field

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.status, self.code, self.error, self.field)


@contextmanager
def at(field: str | None) -> Iterator[None]:
    """What is wrong in this block is wrong with an input of this name."""
    try:
        yield
    except FaninError as error:
        raise Refusal(400, "bad-value", " ".join(str(error).split()), field) from error


def encoded(data: Mapping[str, Any]) -> bytes:
    """A document as JSON. Numbers that JSON lacks never get here: the documents write them as null or as text."""
    return json.dumps(data, allow_nan=False, separators=(",", ":")).encode()


def answer(body: bytes, status: int = 200) -> Response:
    """A document."""
    return Response(body, status, media_type="application/json", headers={"cache-control": "no-store"})


def refuse(refusal: Refusal) -> Response:
    """A refusal as JSON: `{"error", "code", "field"}`."""
    body = {"error": refusal.error, "code": refusal.code, "field": refusal.field}
    response = answer(encoded(body), refusal.status)
    if refusal.status in (429, 503):
        response.headers["retry-after"] = "1"
    return response
