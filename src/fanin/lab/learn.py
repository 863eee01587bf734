"""The routes of the room Learn: a training is started, watched, paused and ended."""

import asyncio
import json
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from fanin.lab.answers import Refusal, answer, encoded
from fanin.lab.lesson import lesson
from fanin.lab.plan import plan
from fanin.lab.runs import Trainer

LONGEST_BODY: Final = 16_384
_PATIENCE: Final = 10.0  # seconds for a body to come


def routes(trainer: Trainer) -> list[Route]:
    """POST /api/runs, and what may be done with a run."""

    async def start(request: Request) -> Response:
        body = await _body(request)
        planned = await asyncio.to_thread(plan, body)
        return answer(encoded({"id": trainer.start(lesson(planned)).id}), 201)

    async def cancel(request: Request) -> Response:
        trainer.cancel(request.path_params["run"])
        return Response(status_code=204)

    async def pause(request: Request) -> Response:
        trainer.pause(request.path_params["run"], request.url.path.endswith("/pause"))
        return Response(status_code=204)

    async def events(request: Request) -> Response:
        last = request.headers.get("last-event-id", "")
        first = int(last) + 1 if last.isascii() and last.isdecimal() and len(last) < 10 else 0
        stream = trainer.run(request.path_params["run"]).listen(first)
        return StreamingResponse(stream, media_type="text/event-stream", headers={"cache-control": "no-store"})

    return [
        Route("/api/runs", start, methods=["POST"]),
        Route("/api/runs/{run}", cancel, methods=["DELETE"]),
        Route("/api/runs/{run}/pause", pause, methods=["POST"]),
        Route("/api/runs/{run}/resume", pause, methods=["POST"]),
        Route("/api/runs/{run}/events", events, methods=["GET"]),
    ]


async def _body(request: Request) -> Any:
    """The body as JSON.

    Raises:
        Refusal: another type (415), too long (413), too slow (408), or no JSON (400).
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, "bad-type", f"the body is {kind[:40] or 'of no type'!r}; expected application/json")
    try:
        async with asyncio.timeout(_PATIENCE):
            text = await _read(request)
    except TimeoutError:
        raise Refusal(408, "too-slow", f"the body did not come within {_PATIENCE:.0f} seconds") from None
    except ClientDisconnect:
        raise Refusal(400, "bad-request", "the body ended too early") from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "bad-json", f"the body is no JSON: {str(error)[:80]}") from None


async def _read(request: Request) -> bytes:
    too_large = Refusal(413, "too-large", f"the body is too large; expected at most {LONGEST_BODY} bytes")
    if int(request.headers.get("content-length", "0")) > LONGEST_BODY:
        raise too_large
    text = bytearray()
    async for chunk in request.stream():
        text += chunk
        if len(text) > LONGEST_BODY:
            raise too_large
    return bytes(text)
