"""What stands before every route: who may ask, how much, and what a browser may do with the answer.

A page of another site must not use the lab through the visitor's browser. So the Host header must be ours (a name that
was rebound to 127.0.0.1 is not), as must the Origin; what another site embeds is refused before anything is computed.
"""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fanin.lab.answers import Refusal, refuse

LONGEST_URL: Final = 8192
LONGEST_HEADERS: Final = 16_384
MOST_REQUESTS: Final = 64
"""Answered at a time, event streams included; a page alone has a handful."""

_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """ASGI middleware: refuses what is not ours or too much, and adds the headers of security to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":  # the server's own start and end; there are no websockets
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("cache-control", "no-cache")
            await send(message)

        refusal = _foreign(scope) or self._too_much(scope)
        if refusal is not None:
            await refuse(refusal)(scope, receive, send_guarded)
            return
        self._running += 1
        try:
            await self._app(scope, receive, send_guarded)
        finally:
            self._running -= 1

    def _too_much(self, scope: Scope) -> Refusal | None:
        length = len(scope["raw_path"]) + len(scope["query_string"])
        if length > LONGEST_URL:
            return Refusal(414, "long-url", f"the address has {length} characters; expected at most {LONGEST_URL}")
        length = sum(len(name) + len(value) for name, value in scope["headers"])
        if length > LONGEST_HEADERS:
            return Refusal(431, "long-headers", f"the headers have {length} bytes; expected at most {LONGEST_HEADERS}")
        if self._running >= MOST_REQUESTS:
            return Refusal(429, "busy", f"{MOST_REQUESTS} requests are being answered; try again in a second")
        return None


def _foreign(scope: Scope) -> Refusal | None:
    """Why a request is not from our own page, typed address or script."""
    headers, port = Headers(scope=scope), (scope.get("server") or ("", None))[1]
    ours = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
    hosts = headers.getlist("host")
    if len(hosts) != 1 or hosts[0].lower() not in ours:
        return Refusal(421, "foreign-host", f"this server is 127.0.0.1:{port} and answers to no other name")
    origins = headers.getlist("origin")
    if any(origin.lower() not in {f"http://{host}" for host in ours} for origin in origins):
        return Refusal(403, "foreign-origin", "a page of another origin may not use this server")
    embeds = headers.get("sec-fetch-site", "none").lower() in {"cross-site", "same-site"}
    if embeds and scope["path"].startswith("/api/"):
        return Refusal(403, "foreign-origin", "a page of another origin may not use this server")
    return None
