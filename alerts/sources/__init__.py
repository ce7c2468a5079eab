"""The tools Muster reads, one small parser a file. docs/add-a-source.md shows how the next one is added."""

from collections.abc import Callable
from typing import Any, NamedTuple

from alerts.normal import Parsed
from alerts.sources import alertmanager


class Tool(NamedTuple):
    """`check(document)` raises `Unreadable` for a wrong top level, or where not one item can be read, and is quick: the
    door asks it before it answers. `parse(document)` reads it all; one bad item costs none of the others.
    `sample(at, name, firing)` is a document as the tool would send it, for trying out. `setup(url)` is what to paste
    into the tool's configuration. `answer`: the status the tool takes for success.
    """

    check: Callable[[Any], object]
    parse: Callable[[Any], Parsed]
    sample: Callable[..., dict[str, Any]]
    setup: Callable[[str], str]
    setup_file: str
    answer: int = 200


TOOLS: dict[str, Tool] = {
    "alertmanager": Tool(
        alertmanager.check, alertmanager.parse, alertmanager.sample, alertmanager.setup, "alertmanager.yml"
    ),
}
