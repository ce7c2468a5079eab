"""The floor of bench/status.py: the barest ASGI application that answers every address with the same bytes.

It looks at nothing: no address, no headers, no file. The bytes are those of the file that BENCH_FILE names.
"""

import os
from pathlib import Path
from typing import Any

CONTENT = Path(os.environ["BENCH_FILE"]).read_bytes()
HEADERS = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(CONTENT)).encode())]


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The same answer to everybody."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": CONTENT})
