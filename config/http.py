"""How the web process speaks HTTP: as uvicorn does, but a request's head must be there within fifteen seconds."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 15.0
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Protocol(HttpToolsProtocol):
    """Hangs up on whoever connects and says nothing, or begins a head and does not end it. What comes after a head, a
    body or a websocket, has bounds of its own."""

    _head_due: asyncio.TimerHandle | None = None
    _begun = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        if self._head_due is None and self._is_idle():  # a next request on this connection, or blank lines before one
            self._expect_head()
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begun = True
        self._expect_head()

    def on_headers_complete(self) -> None:
        self._begun = False
        self._forget_head()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._head_due is not None:  # of a next request, already begun: it has its time from now on
            self._unset_keepalive_if_required()
            self._forget_head()
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        super().connection_lost(exc)

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _expect_head(self) -> None:
        if self._head_due is None:
            self._head_due = self.loop.call_later(HEAD_SECONDS, self._head_is_late)

    def _forget_head(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _head_is_late(self) -> None:
        self._head_due = None
        if self.transport.is_closing():
            return
        if not self._is_idle():  # an answer is still being given; its end starts the time anew
            self._expect_head()
            return
        if self._begun:
            self.transport.write(TOO_SLOW)
        self.transport.close()
