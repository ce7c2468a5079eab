"""Page → silence → next step → fallback; and what stops it."""

import pytest
from django.conf import settings

from accounts.models import User
from core.errors import Refused
from incidents import actions, escalation, links
from incidents.models import Escalation, Incident, Kind, Page, TimelineEvent
from notifications.models import ContactMethod, Message, NotificationRule
from oncall.models import Schedule, ServicePolicy, Target
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
    assert Escalation.objects.get().state == Escalation.State.RUNNING
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
    policy_of(payments, [ben], fallback=world.admin)
    incident = declare(world, payments)
    world.tick()
    (came,) = web.ledger.rows
    page = Page.objects.get()
    assert came.body | {"id": 0, "text": "", "acknowledge_url": ""} == {
        "id": 0,
        "idempotency_key": Message.objects.get().idempotency_key,
        "kind": "page",
        "subject": f"[SEV2] Checkout errors above 5 % ({incident.reference})",
        "text": "",
        "attempt": 1,
        "possibly_repeated": False,
        "incident": incident.reference,
        "title": "Checkout errors above 5 %",
        "severity": "SEV2",
        "urgency": "high",
        "status": "triage",
        "service": "Payments",
        "description": "",
        "labels": {},
        "runbook_url": None,
        "source_url": None,
        "drill": False,
        "private": False,
        "policy": "Payments",
        "round": 1,
        "step": 1,
        "is_fallback": False,
        "reason": "named in the policy",
        "person": {"id": ben.pk, "name": "Ben Ops", "email": "ben.ops@example.com"},
        "acknowledge_url": "",
        "incident_url": f"{settings.PUBLIC_URL}/incidents/{incident.reference}/",
        "next": {"at": "2026-01-05T09:05:00+00:00", "step": None, "names": ["Ada Admin"]},
        "paged_at": "2026-01-05T09:00:00+00:00",
    }
    assert came.key == came.body["idempotency_key"]
    assert came.headers["muster-signature"].startswith("t=")
    assert links.read(came.body["acknowledge_url"].split("/")[-2]).page == page.pk


def test_the_words_say_why_you_and_what_happens_next(world: World, payments, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops", time_zone="Asia/Shanghai")
    cleo = world.person("Cleo Dev")
    policy_of(payments, [ben], [cleo], wait=300)
    declare(world, payments, "SEV1")
    world.tick()
    text = mail.to(ben.email)[0].get_body(("plain",)).get_content()
    assert "SEV1" in text
    assert "Service: Payments" in text
    assert "Why you: named in the policy. This is step 1 of the policy “Payments”." in text
    assert "If nobody acknowledges, step 2 pages Cleo Dev in 5 min, at 17:05 CST." in text


def test_two_urgencies_follow_two_sets_of_rules(world: World, payments, mail: MailCatcher, web: WebReceiver) -> None:
    ben = world.person("Ben Ops")
    hook = ContactMethod.objects.create(person=ben, channel="webhook", address=web.url(), verified_at=world.now)
    letter = ContactMethod.objects.create(person=ben, channel="email", address=ben.email, verified_at=world.now)
    NotificationRule.objects.create(person=ben, urgency="high", after_seconds=0, method=hook)
    NotificationRule.objects.create(person=ben, urgency="high", after_seconds=120, method=letter)
    NotificationRule.objects.create(person=ben, urgency="low", after_seconds=0, method=letter)
    policy_of(payments, [ben], wait=3600)
    declare(world, payments, "SEV4")
    world.tick()
    assert (len(web.ledger), len(mail.ledger)) == (0, 1)
    declare(world, payments, "SEV1")
    world.tick()
    assert (len(web.ledger), len(mail.ledger)) == (1, 1)
    world.advance(seconds=120)
    assert (len(web.ledger), len(mail.ledger)) == (1, 2)


def test_an_answer_within_the_first_rule_keeps_the_later_ones_quiet(world: World, payments, mail, web) -> None:
    ben = world.person("Ben Ops")
    hook = ContactMethod.objects.create(person=ben, channel="webhook", address=web.url(), verified_at=world.now)
    letter = ContactMethod.objects.create(person=ben, channel="email", address=ben.email, verified_at=world.now)
    NotificationRule.objects.create(person=ben, urgency="high", after_seconds=0, method=hook)
    NotificationRule.objects.create(person=ben, urgency="high", after_seconds=120, method=letter)
    policy_of(payments, [ben])
    incident = declare(world, payments)
    world.tick()
    actions.accept(incident, actor=ben, at=world.now)
    world.advance(minutes=5)
    assert len(mail.ledger) == 0
    assert Message.objects.get(channel="email").state == "withdrawn"


def test_rounds_repeat_and_page_the_same_people_again(world: World, payments, mail: MailCatcher) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy_of(payments, [ben], [cleo], wait=30, repeat=1)
    declare(world, payments)
    world.advance(minutes=5)
    assert [row.path for row in mail.ledger.rows] == [ben.email, cleo.email, ben.email, cleo.email, world.admin.email]
    assert len(set(mail.ledger.keys)) == 5


def test_no_wait_at_all_goes_on_at_the_next_tick(world: World, payments, mail: MailCatcher) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy_of(payments, [ben], [cleo], wait=0, fallback=ben)
    declare(world, payments)
    world.tick()
    assert len(mail.ledger) == 1
    world.tick()
    assert len(mail.ledger) == 2


def test_nobody_on_call_is_told_and_the_next_step_goes_at_once(world: World, payments, mail: MailCatcher) -> None:
    empty = Schedule.objects.create(name="Night", slug="night")
    cleo = world.person("Cleo Dev")
    policy = policy_of(payments, [], [cleo], wait=600)
    Target.objects.create(step=policy.steps.get(position=0), kind="schedule", schedule=empty, duty="primary")
    incident = declare(world, payments)
    world.tick()
    assert len(mail.to(cleo.email)) == 1
    (line,) = story(incident, Kind.ESCALATED)
    assert "found nobody on call at step 1" in line
    assert "Night" in line


def test_a_plan_that_calls_nobody_ends_at_the_administrators_at_once(world: World, payments, mail) -> None:
    policy_of(payments, [], [], wait=600, repeat=5)
    incident = declare(world, payments)
    world.tick()
    assert len(mail.to(world.admin.email)) == 1
    assert len(story(incident, Kind.ESCALATED)) == 2  # one round, not six


def test_a_service_without_a_policy_pages_the_administrators_and_says_why(world: World, payments, mail) -> None:
    world.person("Ben Ops")
    other = world.person("Olga Admin", role="administrator")
    incident = declare(world, payments)
    world.tick()
    assert {row.path for row in mail.ledger.rows} == {world.admin.email, other.email}
    assert all("has no escalation policy" in line for line in story(incident, Kind.PAGED))


def test_an_incident_without_a_service_pages_the_administrators(world: World, mail: MailCatcher) -> None:
    incident = declare(world, None)
    world.tick()
    assert len(mail.to(world.admin.email)) == 1
    assert "no service is named" in story(incident, Kind.PAGED)[0]


def test_people_who_left_are_passed_by(world: World, payments, mail: MailCatcher) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy_of(payments, [ben], [cleo], wait=600, fallback=ben)
    incident = declare(world, payments)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    world.tick()
    assert [row.path for row in mail.ledger.rows] == [cleo.email]
    world.advance(seconds=600)
    assert [row.path for row in mail.ledger.rows] == [cleo.email, world.admin.email]
    assert story(incident, Kind.PAGED)


def test_a_policy_edited_or_deleted_meanwhile_strands_nobody(world: World, payments, mail: MailCatcher) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy = policy_of(payments, [ben], [cleo], wait=60)
    declare(world, payments)
    world.tick()
    ServicePolicy.objects.all().delete()
    policy.delete()
    world.advance(seconds=60)
    assert [row.path for row in mail.ledger.rows] == [ben.email, cleo.email]


def test_an_outage_is_followed_by_one_step_and_no_burst(world: World, payments, mail: MailCatcher) -> None:
    people = [world.person(name) for name in ("Ben Ops", "Cleo Dev", "Dora Chief")]
    policy_of(payments, *[[person] for person in people], wait=60)
    declare(world, payments)
    world.tick()
    world.traveller.shift(1800)
    world.tick()
    world.tick()
    assert len(mail.ledger) == 2
    world.advance(seconds=60)
    assert len(mail.ledger) == 3


def test_a_drill_pages_and_says_that_it_is_one(world: World, payments, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    policy_of(payments, [ben])
    declare(world, payments, drill=True)
    world.tick()
    (letter,) = mail.to(ben.email)
    assert letter["subject"].startswith("DRILL: [SEV2]")
    assert "This is a drill" in letter.get_body(("plain",)).get_content()


def test_being_called_admits_to_a_private_incident_and_nobody_else_hears_of_it(world: World, payments, mail) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy_of(payments, [ben], [cleo], wait=600)
    incident = declare(world, payments, private=True)
    world.tick()
    assert Incident.objects.visible_to(ben).filter(pk=incident.pk).exists()
    assert not Incident.objects.visible_to(cleo).filter(pk=incident.pk).exists()
    assert {row.path for row in mail.ledger.rows} == {ben.email}
    assert TimelineEvent.objects.filter(incident=incident, kind=Kind.ADMITTED).count() == 1


def test_who_is_dismissed_from_a_private_incident_gets_none_of_its_words_any_more(world: World, payments, mail) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    letter = ContactMethod.objects.create(person=ben, channel="email", address=ben.email, verified_at=world.now)
    NotificationRule.objects.create(person=ben, urgency="high", after_seconds=300, method=letter)
    policy_of(payments, [ben, cleo], wait=3600)
    incident = declare(world, payments, private=True)
    world.tick()
    actions.dismiss(incident, ben, actor=world.admin, at=world.now)
    world.advance(minutes=10)
    assert [row.path for row in mail.ledger.rows] == [cleo.email]


def test_a_severity_that_now_wakes_people_begins_again_loudly(world: World, payments, mail, web) -> None:
    ben = world.person("Ben Ops")
    hook = ContactMethod.objects.create(person=ben, channel="webhook", address=web.url(), verified_at=world.now)
    NotificationRule.objects.create(person=ben, urgency="high", after_seconds=0, method=hook)
    ContactMethod.objects.create(person=ben, channel="email", address=ben.email, verified_at=world.now)
    low = ContactMethod.objects.get(channel="email")
    NotificationRule.objects.create(person=ben, urgency="low", after_seconds=600, method=low)
    policy_of(payments, [ben], wait=3600)
    incident = declare(world, payments, "SEV4")
    world.tick()
    assert (len(web.ledger), len(mail.ledger)) == (0, 0)
    actions.change_severity(incident, world.severity("SEV1"), actor=ben, at=world.now)
    world.tick()
    assert len(web.ledger) == 1
    world.advance(minutes=15)
    assert len(mail.ledger) == 0
    assert [page.urgency for page in Page.objects.order_by("pk")] == ["low", "high"]


def test_escalating_by_hand_pages_the_next_step_now(world: World, payments, mail: MailCatcher) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy_of(payments, [ben], [cleo], wait=600)
    incident = declare(world, payments)
    world.tick()
    escalation.escalate_now(incident, actor=ben, at=world.now)
    world.tick()
    assert len(mail.to(cleo.email)) == 1


def test_escalating_what_was_acknowledged_goes_on_where_it_stopped(world: World, payments, mail) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy_of(payments, [ben], [cleo], wait=600)
    incident = declare(world, payments)
    world.tick()
    actions.acknowledge(incident, actor=ben, at=world.now)
    escalation.escalate_now(incident, actor=ben, at=world.now)
    world.tick()
    assert [row.path for row in mail.ledger.rows] == [ben.email, cleo.email]


def test_nobody_is_paged_for_what_is_over(world: World, payments, mail: MailCatcher) -> None:
    policy_of(payments, [world.person("Ben Ops")])
    incident = declare(world, payments)
    resolved = actions.resolve(incident, actor=world.admin, at=world.now)
    world.tick()
    assert len(mail.ledger) == 0
    assert escalation.start(resolved, at=world.now) is None
    with pytest.raises(Refused, match="nobody is paged"):
        escalation.escalate_now(resolved, actor=world.admin, at=world.now)


def test_a_machine_that_reopens_it_starts_the_paging_again(world: World, payments, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    policy_of(payments, [ben])
    incident = declare(world, payments)
    world.tick()
    actions.resolve(incident, actor=None, at=world.now)
    actions.reopen(incident, actor=None, at=world.now)
    world.tick()
    assert len(mail.to(ben.email)) == 2


def test_a_step_that_fails_is_put_off_and_at_last_pages_the_administrators(world: World, payments, mail) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy_of(payments, [ben])
    broken = declare(world, payments)
    row = Escalation.objects.get(incident=broken)
    row.plan["steps"][0]["targets"] = [{"kind": "person"}]  # a target without an id: no decider can read it
    row.save()
    other = world.service("Search")
    policy_of(other, [cleo], wait=3600)
    declare(world, other)
    world.tick()
    assert [row.path for row in mail.ledger.rows] == [cleo.email]  # the poisoned one held nobody up
    row.refresh_from_db()
    assert row.failures == 1
    assert row.next_step_at > world.now
    world.advance(minutes=5)
    assert len(mail.to(world.admin.email)) == 1
    assert "fails again and again" in story(broken, Kind.PAGED)[0]
    row.refresh_from_db()
    assert row.state == Escalation.State.RUNNING


def test_the_api_tells_who_was_paged_by_which_channel_and_how_it_went(world: World, payments, mail) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy_of(payments, [ben], [cleo], wait=60, fallback=world.admin)
    incident = declare(world, payments)
    world.advance(seconds=125)
    found = world.program().get(f"/incidents/{incident.reference}/pages/").json()["results"]
    assert [(row["person"]["name"], row["step"], row["is_fallback"]) for row in found] == [
        ("Ada Admin", None, True), ("Cleo Dev", 2, False), ("Ben Ops", 1, False),
    ]  # fmt: skip
    message = found[-1]["messages"][0]
    assert (message["channel"], message["state"], message["address"]) == ("email", "sent", ben.email)
    assert [each["outcome"] for each in message["tries"]] == ["sent"]
    seen_by_cleo = world.program(cleo).get(f"/incidents/{incident.reference}/pages").json()["results"]
    assert seen_by_cleo[-1]["messages"][0]["address"] == "b…@example.com"


def test_the_pages_of_a_private_incident_are_hidden(world: World, payments, mail: MailCatcher) -> None:
    policy_of(payments, [world.person("Ben Ops")])
    incident = declare(world, payments, private=True)
    world.tick()
    outsider = world.program(world.person("Olaf Out"))
    assert outsider.get(f"/incidents/{incident.reference}/pages/").status_code == 404
