"""The embedded Valkey of one data folder, which is Redis to every client."""

import contextlib
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from config.servers import binaries

SOCKET = "valkey.sock"


@dataclass(frozen=True)
class Valkey:
    """A server whose append-only file is in `folder`, reached through a socket in `sockets`."""

    folder: Path
    sockets: Path
    durable: bool = True

    stop_signals = (signal.SIGTERM,)

    @property
    def url(self) -> str:
        """The address as redis-py reads it."""
        return f"unix://{self.sockets / SOCKET}?db=0"

    def prepare(self) -> None:
        """Make its folder."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def command(self) -> list[str]:
        """The command line of the server, which stays in the foreground."""
        options = {
            "port": "0",
            "unixsocket": str(self.sockets / SOCKET),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": "",
            "loglevel": "warning",
            "maxmemory-policy": "noeviction",
        }
        return [
            str(binaries.valkey_program()),
            *(part for name, value in options.items() for part in (f"--{name}", value)),
        ]

    def ready(self) -> bool:
        """Whether it answers, its data read."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as talk:
            talk.settimeout(0.5)
            talk.connect(str(self.sockets / SOCKET))
            talk.sendall(b"PING\r\n")
            return talk.recv(64).startswith(b"+PONG")
        return False

    def shows(self, line: str) -> bool:
        """Whether a line of its log is for people: farewells and advice about the kernel's settings are not."""
        return not any(words in line for words in ("WARNING", "Received SIG", "bye bye", "ready to exit"))
