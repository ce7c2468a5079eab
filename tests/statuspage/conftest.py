"""A default page with two components, one of them tied to the service Checkout."""

from datetime import timedelta

import pytest

from catalog.models import Service
from incidents import actions as room
from incidents.models import Incident
from statuspage import actions
from statuspage.models import Component, StatusPage
from tests.world import World


class Shop:
    """What stories about the public page need."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.tick()
        self.page = StatusPage.objects.get()
        self.checkout = world.service("Checkout")
        self.payments = actions.add_component(
            self.page, name="Payments", services=[self.checkout], actor=world.admin, at=world.now
        )
        self.search = actions.add_component(self.page, name="Search", actor=world.admin, at=world.now)

    def declare(self, severity: str = "SEV2", title: str = "Cards are declined", **more: object) -> Incident:
        fields = {"service": Service.objects.get(slug="checkout"), "private": False, "drill": False} | more
        return room.declare(
            title=title,
            severity=self.world.severity(severity),
            actor=self.world.admin,
            at=self.world.now,
            **fields,  # type: ignore[arg-type]
        )

    def tell(self, incident: Incident, text: str = "We are looking into it.", **more: object) -> None:
        room.post_update(incident, audience="public", text=text, actor=self.world.admin, at=self.world.now, **more)  # type: ignore[arg-type]

    def later(self, **by: float) -> None:
        """That much later; nothing was due in between."""
        self.world.traveller.move_to(self.world.now + timedelta(**by))
        self.world.tick()

    @staticmethod
    def state(name: str) -> str:
        return Component.objects.get(name=name).state


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)
