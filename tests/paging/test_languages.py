"""Pages, refusals, reasons and lines of the story are said in the language of whoever reads them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from accounts.models import User
from incidents import actions
from incidents.models import Incident, Kind, TimelineEvent
from notifications import failures
from notifications.models import Message
from oncall.models import Duty, EscalationPolicy, Rotation, Schedule, ServicePolicy, Step, Target
from tests.receivers import MailCatcher
from tests.world import World


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def mei(world: World) -> User:
    return world.person("Mei Lin", language="zh-hans")


def burning(world: World, payments) -> Incident:  # type: ignore[no-untyped-def]
    return actions.declare(
        title="Checkout fails", severity=world.severity("SEV2"), service=payments, actor=world.admin, at=world.now
    )


def call(world: World, payments, person: User) -> None:  # type: ignore[no-untyped-def]
    """Payments pages whoever is its primary, and that is `person`."""
    schedule = Schedule.objects.create(name="Nights", slug="nights")
    rotation = Rotation.objects.create(
        schedule=schedule, name="All", duty=Duty.PRIMARY, handoff_time="10:00", starts_on=world.now.date()
    )
    rotation.members.create(person=person, position=0)
    schedule.overrides.create(
        person=person, duty=Duty.PRIMARY, starts_at=world.now, ends_at=world.now.replace(hour=23), created_at=world.now
    )
    policy = EscalationPolicy.objects.create(name="Day")
    step = Step.objects.create(policy=policy, position=0, wait_seconds=300)
    Target.objects.create(step=step, kind=Target.Kind.SCHEDULE, schedule=schedule, duty=Duty.PRIMARY)
    ServicePolicy.objects.create(service=payments, policy=policy)


def test_who_is_paged_reads_why_in_their_own_language(world: World, payments, mail: MailCatcher, mei: User) -> None:
    call(world, payments, mei)
    burning(world, payments)
    world.tick()
    assert "Nights 的主值班" in Message.objects.get(person=mei).text
    assert "primary" not in Message.objects.get(person=mei).text


def test_the_same_line_is_told_to_each_reader_in_their_language(
    world: World, payments, mail: MailCatcher, mei: User
) -> None:
    call(world, payments, world.person("Ben Ortiz"))
    incident = burning(world, payments)
    world.tick()
    path = f"/incidents/{incident.reference}/"
    chinese = world.browser(mei).get(path).content.decode()
    assert "呼叫了 Ben Ortiz：Nights 的主值班（“Day”第 1 步）" in chinese
    assert "primary on call" not in chinese
    english = world.browser(world.admin).get(path).content.decode()
    assert "paged Ben Ortiz: primary on call of Nights (step 1 of “Day”)" in english


def test_a_line_of_old_without_its_facts_stands_as_it_was_written(world: World, payments, mei: User) -> None:
    incident = burning(world, payments)
    moments = {"happened_at": world.now, "recorded_at": world.now}
    TimelineEvent.objects.create(
        incident=incident,
        seq=90,
        kind=Kind.PAGED,
        text="paged Ben: asked",
        **moments,
    )
    assert "paged Ben: asked" in world.browser(mei).get(f"/incidents/{incident.reference}/").content.decode()


def test_a_refused_move_is_told_in_the_words_of_the_readers_buttons(world: World, payments, mei: User) -> None:
    incident = burning(world, payments)
    answer = world.browser(mei).post(f"/incidents/{incident.reference}/move/close/", headers={"hx-request": "true"})
    assert answer.status_code == 409
    said = answer.content.decode()
    assert "排查中" in said
    assert "“关闭”" in said
    assert "“解决”" in said
    assert "investigating" not in said
    assert "resolve" not in said


def test_a_failed_delivery_is_told_in_the_readers_language() -> None:
    with translation.override("zh-hans"):
        assert failures.told("The mail server answered 550 no such box") == "邮件服务器应答 550 no such box"
        private = "it is a private or loopback address, and MUSTER_ALLOW_PRIVATE_ADDRESSES is off"
        told = failures.told(f"Muster does not send to hooks.test (10.0.0.1): {private}.")
        assert "hooks.test" in told
        assert "private" not in told.replace("MUSTER_ALLOW_PRIVATE_ADDRESSES", "")
        assert failures.told("words of somebody else") == "words of somebody else"


def test_every_sentence_a_sender_may_say_can_be_told() -> None:
    known = {*failures.SENTENCES, *failures.REASONS, failures.FORBIDDEN}
    elsewhere = {  # not why a delivery failed
        "This is not an e-mail address: it should look like name@example.com.",
        "An earlier try at this message may have reached you already.",
        "Acknowledge",
    }
    root = Path(settings.BASE_DIR)
    for path in [*(root / "notifications/channels").glob("*.py"), root / "core/outbound.py"]:
        tree = ast.parse(path.read_text())
        forms = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name in {"clean", "words"}  # said by forms and on buttons
            for inner in ast.walk(node)
        }
        for node in set(ast.walk(tree)) - forms:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                assert isinstance(node.args[0], ast.Constant)
                assert node.args[0].value in known | elsewhere, f"{path.name}: {node.args[0].value}"
