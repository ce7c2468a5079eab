"""Who may enter the room, and what they find."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import User
from incidents import actions
from incidents.board import PARTS
from incidents.models import Incident
from tests.incidents.room.lines import do, entered, knocking, note, numbers, played
from tests.world import World


@pytest.mark.parametrize(
    "origin",
    [
        None, "", "null", "http://evil.test", "http://muster.test.evil.test", "http://muster.test:81", "[::",
        "https://muster.test", "https://muster.test:80", "ws://muster.test", "http://muster.test/page",
        "http://someone@muster.test", "http://muster.test:0", "http://:80",
    ],
)  # fmt: skip
def test_a_page_of_another_origin_is_refused(incident: Incident, ben: User, origin: str | None) -> None:
    knock = knocking(ben, incident.reference, origin=origin)

    async def story() -> None:
        assert await knock().code() == 4403

    played(story())


@pytest.mark.parametrize(
    ("opened", "connected"),
    [
        ("http://127.0.0.1:8000", {"host": "127.0.0.1:8000"}),
        ("http://localhost:8000", {"host": "localhost:8000"}),
        ("http://[::1]:8000", {"host": "[::1]:8000"}),
        ("http://nas.lan:8000", {"host": "NAS.lan:8000"}),
        ("http://nas.lan", {"host": "nas.lan:80"}),
        ("https://nas.lan", {"host": "nas.lan", "scheme": "wss"}),
        ("https://muster.example.com", {"host": "muster.example.com"}),  # the proxy says nothing of its own
        ("https://muster.example.com", {"host": "web:8000"}),  # nor of the name it was called by
        ("https://nas.lan", {"host": "nas.lan", "proxy_says": "https"}),
        ("https://nas.lan", {"host": "nas.lan:443", "proxy_says": "wss, http"}),
        ("http://nas.lan", {"host": "nas.lan", "proxy_says": "http"}),
    ],
)
def test_a_page_opened_by_any_name_of_muster_enters(
    incident: Incident, ben: User, settings: Any, opened: str, connected: dict[str, str]
) -> None:
    settings.PUBLIC_URL, settings.BEHIND_PROXY = "https://muster.example.com", "proxy_says" in connected
    knock = knocking(ben, incident.reference, origin=opened, **connected)

    async def story() -> None:
        await entered(knock)

    played(story())


@pytest.mark.parametrize(
    ("opened", "connected"),
    [
        ("http://muster.example.com", {"host": "muster.example.com", "scheme": "wss"}),
        ("http://muster.example.com", {"host": "muster.example.com", "proxy_says": "https"}),
        ("http://muster.example.com", {"host": "muster.example.com", "proxy_says": "wss"}),
        ("https://nas.lan", {"host": "nas.lan", "proxy_says": "http"}),
        ("https://nas.lan", {"host": "nas.lan"}),
    ],
)
def test_a_page_of_another_scheme_is_refused(
    incident: Incident, ben: User, settings: Any, opened: str, connected: dict[str, str]
) -> None:
    settings.PUBLIC_URL, settings.BEHIND_PROXY = "https://muster.example.com", "proxy_says" in connected
    knock = knocking(ben, incident.reference, origin=opened, **connected)

    async def story() -> None:
        assert await knock().code() == 4403

    played(story())


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "muster.test.evil.example", "muster.test@evil.example"]
)
def test_a_page_of_a_host_that_muster_does_not_answer_to_is_refused(incident: Incident, ben: User, host: str) -> None:
    knock = knocking(ben, incident.reference, origin=f"http://{host}", host=host)

    async def story() -> None:
        assert await knock().code() == 4403

    played(story())


def test_what_a_visitor_claims_of_a_proxy_that_is_not_there_counts_for_nothing(
    incident: Incident, ben: User, settings: Any
) -> None:
    settings.BEHIND_PROXY = False
    knock = knocking(ben, incident.reference, origin="https://muster.test", proxy_says="https")

    async def story() -> None:
        assert await knock().code() == 4403

    played(story())


def test_the_door_is_closed_before_it_opens_to_whom_it_must_not(town: World, incident: Incident, ben: User) -> None:
    secret = actions.declare(
        title="Leak", severity=town.severity("SEV1"), service=None, actor=ben, at=timezone.now(), private=True
    )
    gone = town.person("Gone Girl")
    gone_knocks = knocking(gone, incident.reference)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    otto = town.person("Otto Outside", role="manager")
    late = town.person("Lea Late")
    late_knocks = knocking(late, incident.reference)
    Session.objects.update(expire_date=timezone.now() - timedelta(days=1))
    changed = town.person("Paul Password")
    changed_knocks = knocking(changed, incident.reference)
    changed.set_password("another password entirely")
    changed.save()

    async def story() -> None:
        assert await knocking(None, incident.reference)().code() == 4401
        assert await gone_knocks().code() == 4401
        assert await late_knocks().code() == 4401
        assert await changed_knocks().code() == 4401
        for reference in (secret.reference, "INC-99999", "nonsense", "INC-0"):
            assert await (await do(knocking, otto, reference))().code() == 4404

    played(story())


def test_who_enters_gets_a_whole_snapshot(incident: Incident, ben: User) -> None:
    for number in range(3):
        actions.add_note(incident, f"n{number}", actor=ben, at=timezone.now())
    knock, late = knocking(ben, incident.reference), knocking(ben, incident.reference, after=3)

    async def story() -> None:
        _line, snapshot = await entered(knock)
        assert set(snapshot["parts"]) == set(PARTS)
        assert numbers(snapshot) == [1, 2, 3, 4]
        assert snapshot["head"] == 4
        _line, rest = await entered(late)
        assert numbers(rest) == [4]

    played(story())


def test_one_person_has_at_most_twenty_windows(incident: Incident, ben: User) -> None:
    knock = knocking(ben, incident.reference)

    async def story() -> None:
        for _ in range(20):
            assert (await knock().event())["type"] == "websocket.accept"
        assert await knock().code() == 1013

    played(story())


def test_each_reader_reads_in_their_own_language_and_zone(town: World, incident: Incident, ben: User) -> None:
    berlin = town.person("Bea Berlin", time_zone="Asia/Tokyo")
    viewer = town.person("Vera View", role="viewer")
    knocks = [knocking(person, incident.reference) for person in (ben, berlin, viewer)]

    async def story() -> None:
        utc, tokyo, looking = [(await entered(knock))[1] for knock in knocks]
        assert "UTC" in utc["lines"][0][1]
        assert "JST" in tokyo["lines"][0][1]
        assert "hx-post" in utc["parts"]["room-moves"]
        assert "hx-post" not in "".join(looking["parts"].values())

    played(story())


def test_a_reader_far_behind_is_told_to_begin_anew(town: World, incident: Incident, ben: User) -> None:
    for number in range(220):
        actions.add_note(incident, f"n{number}", actor=ben, at=timezone.now())
    knock = knocking(ben, incident.reference, after=1)

    async def story() -> None:
        line, snapshot = await entered(knock)
        assert (snapshot["gap"], snapshot["lines"], snapshot["head"]) == (True, [], 221)
        await note(incident, "next", ben)
        assert numbers(await line.until(lambda message: bool(message["lines"]))) == [222]

    played(story())
