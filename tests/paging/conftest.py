"""A payments service with a policy, people on call, and receivers that really listen."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from catalog.models import Service
from oncall.models import EscalationPolicy, ServicePolicy, Step, Target
from tests.receivers import MailCatcher, WebReceiver, mail_catcher, web_receiver
from tests.world import World


@pytest.fixture
def mail(settings: Any) -> Iterator[MailCatcher]:
    with mail_catcher(settings) as catcher:
        yield catcher


@pytest.fixture
def web(settings: Any) -> Iterator[WebReceiver]:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    with web_receiver() as receiver:
        yield receiver


def policy_of(
    service: Service, *steps: list[User], wait: int = 300, repeat: int = 0, fallback: User | None = None
) -> EscalationPolicy:
    """A policy that pages the people of each step, `wait` seconds apart."""
    policy = EscalationPolicy.objects.create(name=service.name, repeat_times=repeat, fallback=fallback)
    for position, people in enumerate(steps):
        step = Step.objects.create(policy=policy, position=position, wait_seconds=wait)
        for person in people:
            Target.objects.create(step=step, kind=Target.Kind.PERSON, person=person)
    ServicePolicy.objects.create(service=service, policy=policy)
    return policy


@pytest.fixture
def payments(world: World) -> Service:
    return world.service("Payments")
