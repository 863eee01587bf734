"""HTTP/1.1 with a limit on how long a request may take to arrive: uvicorn has one between requests alone."""

import asyncio
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

_SECONDS: Final = 10.0
_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class PatientProtocol(H11Protocol):
    """One connection. A request line or a header that does not come in time ends it; a body is the routes' business."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Expect a request."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Expect the rest of a request, until its headers are complete."""
        super().data_received(data)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        super().connection_lost(exc)
        self._relax()

    def _expect(self) -> None:
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if is_answering:
            self._relax()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(_SECONDS, self._give_up)

    def _relax(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self.transport.write(_TOO_SLOW)
        self.transport.close()
