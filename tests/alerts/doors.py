"""The web process as machines see it: the real server, in a thread, on the database of the test."""

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn
import uvloop

from alerts.intake import door, intake


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Web:
    """One server; `port` on loopback."""

    def __init__(self) -> None:
        config = uvicorn.Config(
            intake, host="127.0.0.1", port=0, loop="uvloop", http="httptools", lifespan="off", log_level="error"
        )
        self.server = uvicorn.Server(config)

    @contextlib.contextmanager
    def running(self) -> Iterator["Web"]:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen(200)
        self.port = listening.getsockname()[1]
        closed = threading.Event()

        async def serve() -> None:
            await self.server.serve(sockets=[listening])
            await door().close()
            closed.set()

        def run() -> None:
            uvloop.run(serve())

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.should_exit = True
            thread.join(10)
            listening.close()
            assert closed.is_set()

    def send(
        self, path: str, body: Any = b"", *, method: str = "POST", headers: dict[str, str] | None = None
    ) -> Answer:
        """One request on a connection of its own; follows no redirects."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, data, headers or {"Content-Type": "application/json"})
            return Answer(connection.getresponse())

    def raw(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)
