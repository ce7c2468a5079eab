"""When is it up? When /readyz says 200; and a sentence for whoever waits meanwhile."""

import asyncio
import json
import sys
import time
from urllib.parse import urlsplit

from config.runner import choices as choosing
from config.runner.choices import Choices
from config.runner.output import Output

PATIENCE = 60.0
NEVER = "has never run"  # as /readyz says it


async def wait(choices: Choices, output: Output, begun: float) -> None:
    """Ask /readyz until it answers 200 and say where Muster is; after a minute also say what is waited for."""
    told = False
    while True:
        status, body = await ask(choices, "/readyz")
        if status == 200:
            break
        if not told and time.monotonic() - begun > PATIENCE:
            output.say(waiting_for(status, body))
            told = True
        await asyncio.sleep(0.1 if time.monotonic() - begun < 10 else 1.0)
    address = choices.public_url or choices.address
    output.say(f"Muster is ready at {address} ({time.monotonic() - begun:.1f} s). Ctrl-C stops it.")


def waiting_for(status: int, body: str) -> str:
    """What is not there yet, in one calm sentence. Clocks that have not ticked once are no fault of a first start."""
    try:
        faults = {str(name): str(fault) for name, fault in dict(json.loads(body)["faults"]).items()}
    except (ValueError, KeyError, TypeError):
        return f"Still starting: the web server answers {status}." if status else "Still waiting for the web server."
    clocks = [name for name, fault in faults.items() if name.startswith("clock:") and fault == NEVER]
    others = [f"{name} ({fault})" for name, fault in faults.items() if name not in clocks]
    if clocks:
        others.append(f"the clocks ({len(clocks)} have yet to tick for the first time)")
    return f"Still waiting for {', '.join(others)}." if others else "Still starting."


async def ask(choices: Choices, path: str) -> tuple[int, str]:
    """One GET of this machine's own web server: status and body; status 0 where nothing answers."""
    try:
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection(choices.local_host, choices.port)
            host = urlsplit(choices.public_url or choices.address).netloc  # the one that is surely allowed
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = (await reader.read()).decode(errors="replace")  # to its end: the head may come before the body
            writer.close()
    except (OSError, TimeoutError):
        return 0, ""
    head, _, body = answer.partition("\r\n\r\n")
    words = head.split(" ", 2)
    return (int(words[1]) if len(words) > 1 and words[1].isdigit() else 0), body


if __name__ == "__main__":  # the health check of a container
    sys.exit(0 if asyncio.run(ask(choosing.read(), "/healthz"))[0] == 200 else 1)
