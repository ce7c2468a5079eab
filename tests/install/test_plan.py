"""The commands bin/up starts its children with."""

from types import SimpleNamespace
from typing import Any

from config.runner import plan


def test_the_web_server_believes_no_forwarding_header_of_whoever_connects_from_this_machine() -> None:
    """Its own reading would give every guess at a password an address of its own; core/origin.py reads them."""
    choices: Any = SimpleNamespace(host="127.0.0.1", port=8000, web_processes=1)
    assert "--no-proxy-headers" in plan.web(choices)
    assert "--proxy-headers" not in plan.web(choices)
