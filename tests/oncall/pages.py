"""What stories of the pages of on call read and begin with."""

from html import unescape
from typing import Any

from tests.world import World


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def trio(world: World) -> list[Any]:
    return [world.person(f"{name} Doe") for name in ("Ann", "Ben", "Cat")]
