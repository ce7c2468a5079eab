"""Page → silence → next step → fallback; and what stops it."""

from incidents import actions
from incidents.models import Escalation, Incident, Kind, TimelineEvent
from notifications.models import ContactMethod, Message
from tests.paging.conftest import policy_of
from tests.receivers import MailCatcher, WebReceiver
from tests.world import World


def declare(world: World, service, severity: str = "SEV2", **more) -> Incident:
    return actions.declare(
        title="Checkout errors above 5 %", severity=world.severity(severity), service=service, actor=None,
        at=world.now, origin=Incident.Origin.ALERT, actor_name="Alertmanager", **more,
    )  # fmt: skip


def story(incident: Incident, kind: str) -> list[str]:
    return [event.text for event in TimelineEvent.objects.filter(incident=incident, kind=kind)]


def test_silence_walks_the_plan_to_its_fallback_and_says_so(world: World, payments, mail: MailCatcher) -> None:
    ben, cleo, dora = world.person("Ben Ops"), world.person("Cleo Dev"), world.person("Dora Chief")
    policy_of(payments, [ben], [cleo], wait=60, fallback=dora)
    incident = declare(world, payments)

    world.tick()
    assert [len(mail.to(p.email)) for p in (ben, cleo, dora)] == [1, 0, 0]
    world.advance(seconds=55)
    assert not mail.to(cleo.email)
    world.advance(seconds=5)
    assert [len(mail.to(p.email)) for p in (ben, cleo, dora)] == [1, 1, 0]
    world.advance(seconds=60)
    assert [len(mail.to(p.email)) for p in (ben, cleo, dora)] == [1, 1, 1]
    world.advance(minutes=10)
    assert len(mail.ledger) == 3
    assert Escalation.objects.get().state == Escalation.State.EXHAUSTED
    assert "nobody has acknowledged" in story(incident, Kind.ESCALATION_ENDED)[0]


def test_acknowledging_stops_the_paging(world: World, payments, mail: MailCatcher) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy_of(payments, [ben], [cleo], wait=60)
    incident = declare(world, payments)
    world.tick()
    actions.acknowledge(incident, actor=ben, at=world.now)
    world.advance(minutes=30)
    assert mail.ledger.rows[0].path == ben.email
    assert len(mail.ledger) == 1


def test_a_page_reaches_the_webhook_signed(world: World, payments, mail: MailCatcher, web: WebReceiver) -> None:
    ben = world.person("Ben Ops")
    ContactMethod.objects.create(person=ben, channel="webhook", address=web.url(), verified_at=world.now)
    policy_of(payments, [ben])
    declare(world, payments)
    world.tick()
    (came,) = web.ledger.rows
    assert came.body["kind"] == "page"
    assert came.body["incident"] == "INC-1"
    assert came.key == came.body["idempotency_key"] == Message.objects.get().idempotency_key
    assert came.headers["muster-signature"].startswith("t=")
