"""The routes of the lab: one page, its files, and what it asks for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from threadpoolctl import threadpool_limits

from fanin.errors import FaninError
from fanin.lab import learn
from fanin.lab.answers import Refusal, answer, at, encoded, refuse
from fanin.lab.desk import Desk
from fanin.lab.draw import draw
from fanin.lab.guard import Guard
from fanin.lab.layer import layer
from fanin.lab.options import options
from fanin.lab.propagate import follow
from fanin.lab.runs import Trainer
from fanin.lab.static_files import static
from fanin.lab.workers import Workers

_AT_A_TIME = 2
"""So that one page does not wait for another; each has arrays of some hundred megabytes at the most."""


def create_app() -> Starlette:
    """The lab as an ASGI application, for a server on 127.0.0.1.

    Example:
        >>> [route.path for route in create_app().routes][:2]
        ['/', '/static/{name:path}']
    """
    workers, trainer = Workers(_AT_A_TIME, _prepare), Trainer()
    desk = Desk(workers, _AT_A_TIME)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        for _ in range(_AT_A_TIME):
            workers.submit(_prepare)
        watching = asyncio.create_task(trainer.watch())
        with threadpool_limits(1):  # of the training
            yield
        watching.cancel()
        trainer.close()
        workers.shutdown(cancel_futures=True)

    routes = [
        Route("/", _page, methods=["GET"]),
        Route("/static/{name:path}", _file, methods=["GET"]),
        Route("/api/options", _options, methods=["GET"]),
        Route("/api/draw", _computed(desk, draw), methods=["GET"]),
        Route("/api/propagate", _computed(desk, follow), methods=["GET"]),
        Route("/api/layer", _computed(desk, layer), methods=["GET"]),
        *learn.routes(trainer),
    ]
    handlers: dict[Any, Any] = {
        FaninError: _bad_value,
        BrokenProcessPool: _lost,
        Refusal: _refused,
        HTTPException: _no_route,
        Exception: _broken,
    }
    app = Starlette(routes=routes, middleware=[Middleware(Guard)], exception_handlers=handlers, lifespan=lifespan)
    app.state.trainer = trainer
    return app


def _computed(desk: Desk, work: Callable[[QueryParams], dict[str, Any]]) -> Callable[[Request], Any]:
    """A route that computes a document from its query alone."""

    async def route(request: Request) -> Response:
        return answer(await desk.compute(request, partial(_document, work, request.url.query)))

    return route


def _document(work: Callable[[QueryParams], dict[str, Any]], query: str) -> bytes:
    """In a worker."""
    try:
        with at(None):
            return encoded(work(QueryParams(query)))
    except MemoryError:
        raise Refusal(503, "no-memory", "not enough memory for this request; ask for a smaller one") from None


def _prepare() -> None:
    """What a page asks for first, more or less."""
    follow(QueryParams("init=randn&init=he_normal"))


async def _page(request: Request) -> Response:
    return static("index.html")


async def _file(request: Request) -> Response:
    return static(request.path_params["name"])


async def _options(request: Request) -> Response:
    return answer(encoded(options()))


async def _bad_value(request: Request, error: Exception) -> Response:
    return refuse(Refusal(400, "bad-value", " ".join(str(error).split())))


async def _lost(request: Request, error: Exception) -> Response:
    line = "the process that computed this has ended, most likely for lack of memory; ask for less, or again"
    return refuse(Refusal(503, "lost", line))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return refuse(error)


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "not-found", 405: "bad-method"}.get(error.status_code, "bad-request")
    response = refuse(Refusal(error.status_code, code, f"{request.method} {request.url.path[:60]!r}: {error.detail}"))
    response.headers.update(error.headers or {})
    return response


async def _broken(request: Request, error: Exception) -> Response:
    """A defect of ours: the server's log has the traceback, the page a line."""
    return refuse(Refusal(500, "defect", f"{type(error).__name__}: the lab could not answer this; that is its defect"))
