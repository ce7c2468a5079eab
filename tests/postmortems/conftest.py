"""An incident that was worked on, and is over."""

from datetime import timedelta

import pytest

from accounts.models import User
from incidents import actions as room
from incidents.models import Incident
from tests.world import World


class Story:
    """What stories about lessons need."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rita = world.person("Rita Responder")
        self.sam = world.person("Sam Second")
        self.mona = world.person("Mona Manager", role="manager")

    def declare(self, severity: str = "SEV1", title: str = "Cards are declined", **more: object) -> Incident:
        return room.declare(
            title=title,
            severity=self.world.severity(severity),
            service=more.pop("service", None),  # type: ignore[arg-type]
            actor=self.rita,
            at=self.world.now,
            **more,  # type: ignore[arg-type]
        )

    def resolved(self, severity: str = "SEV1", title: str = "Cards are declined", **more: object) -> Incident:
        """An incident with an hour of story, just resolved."""
        incident = self.declare(severity, title, **more)
        self.pass_time(minutes=2)
        room.take_role(incident, "commander", person=self.rita, actor=self.rita, at=self.world.now)
        room.add_note(incident, "The card processor answers with 503.", actor=self.rita, at=self.world.now)
        self.pass_time(minutes=10)
        room.identify(incident, actor=self.rita, at=self.world.now)
        self.pass_time(minutes=28)
        room.mitigate(incident, actor=self.rita, at=self.world.now)
        self.pass_time(minutes=20)
        return room.resolve(incident, actor=self.rita, at=self.world.now)

    def drafted(self, severity: str = "SEV1", **more: object) -> Incident:
        incident = self.resolved(severity, **more)
        self.world.tick()
        return incident

    def pass_time(self, **by: float) -> None:
        self.world.traveller.move_to(self.world.now + timedelta(**by))

    def later(self, **by: float) -> None:
        self.pass_time(**by)
        self.world.tick()

    def page(self, person: User, address: str) -> str:
        answer = self.world.browser(person).get(address)
        assert answer.status_code == 200, answer.status_code
        return str(answer.content.decode())


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)
