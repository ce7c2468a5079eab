"""Walks through the whole example company, by links alone, as everybody there is."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from tests import addresses, crawler
from tests.world import World


@pytest.fixture
def company(world: World) -> World:
    call_command("demo", verbosity=0)
    return world


def walk(world: World, person: User | None) -> list[tuple[str, str, int, str]]:
    client = world.browser(person) if person else Client()

    def get(address: str) -> tuple[int, str]:
        answer = client.get(address)
        kind = answer.headers.get("Content-Type", "")
        text = answer.content.decode() if not answer.streaming and kind.startswith("text/html") else ""
        return answer.status_code, text

    return list(crawler.follow(get))


def test_everyone_can_follow_every_link_they_are_shown(company: World) -> None:
    for email in ("paul@demo.example", "jonas@demo.example", "mira@demo.example", "ada.admin@example.com"):
        walked = walk(company, User.objects.get(email=email))
        broken = [(address, status) for address, _name, status, _html in walked if status >= 400]
        assert broken == [], email
        assert len(walked) > 30


def test_somebody_signed_out_sees_nothing_of_the_company(company: World, client: Any) -> None:
    open_names = {"healthz", "readyz", "metrics", "schema"}
    walked = walk(company, User.objects.get(email="ada.admin@example.com"))
    for address, name, _status, _html in walked:
        if name in open_names or name.startswith(addresses.OTHERS):
            continue
        answer = client.get(address)
        assert answer.status_code in {302, 401, 404}, f"{address} answered {answer.status_code} to somebody signed out"
