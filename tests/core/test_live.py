"""Hints of what changed go out once, after the commit, and a deaf Redis holds nobody up for long."""

from typing import Any

import pytest
from django.db import transaction

from core import live


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What reaches the layer, which is the edge of our own code."""
    told: list[tuple[str, dict[str, Any]]] = []

    class Layer:
        async def group_send(self, group: str, message: dict[str, Any]) -> None:
            told.append((group, message))

    monkeypatch.setattr(live, "get_channel_layer", Layer)
    return told


@pytest.mark.django_db(transaction=True)
def test_many_lines_of_one_change_are_one_hint_with_the_newest_number(sent: list[tuple[str, dict[str, Any]]]) -> None:
    with transaction.atomic():
        live.publish("incident.1", seq=7)
        with transaction.atomic():
            live.publish("incident.1", seq=8)
        live.publish("incident.2", seq=1)
        assert sent == []
    assert [(group, message["seq"]) for group, message in sent] == [("incident.1", 8), ("incident.2", 1)]


def rolled_back() -> None:
    with transaction.atomic():
        live.publish("incident.1", seq=7)
        raise ValueError("no")


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_not_told_and_takes_nothing_with_it(sent: list[tuple[str, dict[str, Any]]]) -> None:
    with transaction.atomic():
        with pytest.raises(ValueError, match="no"):
            rolled_back()
        live.publish("incident.1", seq=8)
    assert [message["seq"] for _group, message in sent] == [8]
