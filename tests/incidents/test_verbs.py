"""What people and machines may do with an incident, and what they are told when they may not."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.models import User
from core.errors import Refused
from incidents import actions, timeline
from incidents.lifecycle import MOVES, Move, Status, moves_from
from incidents.models import Admission, Incident, Kind, Page, Role, TimelineEvent, Update
from tests.world import World


@pytest.fixture
def ben(world: World) -> User:
    return world.person("Ben Ortiz")


def declared(world: World, **more: Any) -> Incident:
    fields = {"title": "Checkout fails", "severity": world.severity("SEV2"), "service": None, "actor": world.admin}
    return actions.declare(**{**fields, "at": world.now, **more})


def in_triage(world: World, **more: Any) -> Incident:
    return declared(world, origin=Incident.Origin.ALERT, actor=None, actor_name="Alertmanager", **more)


def story(incident: Incident) -> list[str]:
    return list(TimelineEvent.objects.filter(incident=incident).values_list("kind", flat=True))


def test_a_person_declares_an_incident_that_is_worked_on_at_once(world: World, ben: User) -> None:
    incident = declared(world, title="  Checkout \n fails\x00 ", actor=ben, summary="Cards only.\r\n")
    assert incident.reference.startswith("INC-")
    assert (incident.title, incident.summary) == ("Checkout fails", "Cards only.")
    assert incident.status == Status.INVESTIGATING
    assert story(incident) == [Kind.DECLARED]


def test_an_alert_declares_an_incident_that_waits_in_triage(world: World) -> None:
    incident = in_triage(world)
    assert incident.status == Status.TRIAGE
    assert TimelineEvent.objects.get(incident=incident).actor_name == "Alertmanager"


def test_incidents_are_numbered_one_after_another(world: World) -> None:
    first, second = declared(world), declared(world)
    assert second.number == first.number + 1


def test_an_incident_without_a_title_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="needs a title"):
        declared(world, title=" \x00 ")


def test_a_very_long_title_is_cut_and_not_refused(world: World) -> None:
    assert len(declared(world, title="x" * 5000).title) == 200


def test_who_declares_a_private_incident_may_see_it(world: World, ben: User) -> None:
    incident = declared(world, private=True, actor=ben)
    assert Incident.objects.visible_to(ben).filter(pk=incident.pk).exists()


@pytest.mark.parametrize("move", list(Move))
@pytest.mark.parametrize("status", list(Status))
def test_a_move_is_done_exactly_where_the_table_allows_it(world: World, ben: User, status: Status, move: Move) -> None:
    incident = declared(world)
    over = {"resolved_at": world.now} if status in {Status.RESOLVED, Status.CLOSED} else {}
    Incident.objects.filter(pk=incident.pk).update(status=status, **over)
    verb = getattr(actions, str(move))
    if move in moves_from(status):
        assert verb(incident, actor=ben, at=world.now).status == MOVES[move].to
    else:
        with pytest.raises(Refused):
            verb(incident, actor=ben, at=world.now)
        assert story(incident) == [Kind.DECLARED]


def test_accepting_is_acknowledging(world: World, ben: User) -> None:
    incident = actions.accept(in_triage(world), actor=ben, at=world.now)
    assert incident.accepted_at == incident.acknowledged_at == world.now


def test_resolving_from_triage_fills_what_was_skipped_and_says_that_it_is_assumed(world: World, ben: User) -> None:
    incident = actions.resolve(in_triage(world), actor=ben, at=world.now)
    assert incident.accepted_at == incident.acknowledged_at == incident.mitigated_at == incident.resolved_at
    assert incident.identified_at is None
    line = TimelineEvent.objects.get(incident=incident, kind=Kind.RESOLVED)
    assert line.data["assumed"] == ["acknowledged_at", "accepted_at", "mitigated_at"]


def test_what_a_machine_resolves_was_acknowledged_by_nobody(world: World) -> None:
    incident = actions.resolve(in_triage(world), actor=None, at=world.now, actor_name="Alertmanager")
    assert incident.acknowledged_at is None
    assert incident.mitigated_at == world.now


def test_reopening_takes_back_the_moments_that_were_not_true_yet(world: World, ben: User) -> None:
    incident = actions.resolve(declared(world), actor=ben, at=world.now)
    again = actions.reopen(incident, actor=ben, at=world.now + timedelta(minutes=5))
    assert (again.status, again.resolved_at, again.mitigated_at) == (Status.INVESTIGATING, None, None)
    assert again.acknowledged_at == world.now
    assert "resolved_at" in TimelineEvent.objects.get(incident=incident, kind=Kind.REOPENED).data["cleared"]


def test_what_a_machine_reopens_must_be_acknowledged_anew(world: World, ben: User) -> None:
    incident = actions.resolve(declared(world), actor=ben, at=world.now)
    assert actions.reopen(incident, actor=None, at=world.now).acknowledged_at is None


def test_declining_keeps_the_reason(world: World, ben: User) -> None:
    assert actions.decline(in_triage(world), actor=ben, at=world.now, reason="A test").decline_reason == "A test"


def test_a_done_thing_again_gives_peace_to_who_did_it_and_to_machines(world: World, ben: User) -> None:
    incident = declared(world)
    for verb in (actions.acknowledge, actions.resolve):
        verb(incident, actor=ben, at=world.now)
        verb(incident, actor=ben, at=world.now)
        verb(incident, actor=None, at=world.now)
    assert story(incident) == [Kind.DECLARED, Kind.ACKNOWLEDGED, Kind.RESOLVED]


def test_who_comes_second_is_told_who_was_first(world: World, ben: User) -> None:
    incident = declared(world)
    actions.acknowledge(incident, actor=ben, at=world.now)
    with pytest.raises(Refused, match="Ben Ortiz acknowledged INC"):
        actions.acknowledge(incident, actor=world.admin, at=world.now)
    actions.resolve(incident, actor=ben, at=world.now)
    with pytest.raises(Refused, match="Ben Ortiz was first"):
        actions.resolve(incident, actor=world.admin, at=world.now)
    with pytest.raises(Refused, match="nothing left to acknowledge"):
        actions.acknowledge(incident, actor=world.admin, at=world.now)


def test_acknowledging_answers_the_persons_own_pages(world: World, ben: User) -> None:
    incident = declared(world)
    pages = [
        Page.objects.create(incident=incident, person=person, reason="on call", paged_at=world.now)
        for person in (ben, world.admin)
    ]
    actions.acknowledge(incident, actor=ben, at=world.now)
    assert [Page.objects.get(pk=page.pk).acknowledged_at for page in pages] == [world.now, None]


def test_a_worse_severity_is_told_as_such(world: World, ben: User) -> None:
    incident = declared(world)
    actions.change_severity(incident, world.severity("SEV1"), actor=ben, at=world.now)
    actions.change_severity(incident, world.severity("SEV1"), actor=ben, at=world.now)
    line = TimelineEvent.objects.get(incident=incident, kind=Kind.SEVERITY)
    assert line.data == {"from": "SEV2", "to": "SEV1", "worse": True}


def test_title_summary_and_service_change_with_what_they_were(world: World, ben: User) -> None:
    incident = declared(world, summary="Unclear.")
    payments = world.service("Payments")
    actions.rename(incident, title="Cards fail", actor=ben, at=world.now)
    actions.describe(incident, summary="The gateway is down.", actor=ben, at=world.now)
    fresh = actions.set_service(incident, payments, actor=ben, at=world.now)
    assert (fresh.title, fresh.summary, fresh.service) == ("Cards fail", "The gateway is down.", payments)
    lines = {line.kind: line.data for line in TimelineEvent.objects.filter(incident=incident)}
    assert lines[Kind.RENAMED]["from"] == "Checkout fails"
    assert lines[Kind.DESCRIBED]["before"] == "Unclear."
    assert lines[Kind.SERVICE] == {"from": "", "to": "Payments"}


def test_times_are_corrected_in_order_only(world: World, ben: User) -> None:
    incident = declared(world)
    earlier = world.now - timedelta(minutes=20)
    fresh = actions.correct_times(incident, moments={"impact_started_at": earlier}, actor=ben, at=world.now)
    assert fresh.impact_started_at == earlier
    for moments, sentence in [
        ({"detected_at": earlier - timedelta(minutes=1)}, "cannot be after"),
        ({"detected_at": world.now + timedelta(hours=1)}, "future"),
        ({"resolved_at": world.now}, "has not happened yet"),
        ({"declared_at": None}, "cannot be empty"),
    ]:
        with pytest.raises(Refused, match=sentence):
            actions.correct_times(incident, moments=moments, actor=ben, at=world.now)


def test_a_role_has_one_holder_and_there_may_be_many_experts(world: World, ben: User) -> None:
    incident = declared(world)
    for person in (world.admin, ben):
        actions.take_role(incident, Role.COMMANDER, person=person, actor=ben, at=world.now)
        actions.take_role(incident, Role.EXPERT, person=person, actor=ben, at=world.now)
    held = incident.roles.filter(left_at=None)
    assert [a.person for a in held.filter(role=Role.COMMANDER)] == [ben]
    assert held.filter(role=Role.EXPERT).count() == 2
    assert Incident.objects.get(pk=incident.pk).commander_named_at == world.now
    actions.leave_role(incident, Role.COMMANDER, person=ben, actor=ben, at=world.now)
    with pytest.raises(Refused, match="does not hold"):
        actions.leave_role(incident, Role.COMMANDER, person=ben, actor=ben, at=world.now)


def test_a_viewer_cannot_be_given_a_role_and_an_unknown_role_is_named(world: World) -> None:
    incident = declared(world)
    viewer = world.person("Vera View", role="viewer")
    with pytest.raises(Refused, match="cannot respond"):
        actions.take_role(incident, Role.COMMANDER, person=viewer, actor=world.admin, at=world.now)
    with pytest.raises(Refused, match="no role “king”"):
        actions.take_role(incident, "king", person=world.admin, actor=world.admin, at=world.now)


def test_notes_and_updates_need_words(world: World, ben: User) -> None:
    incident = declared(world)
    assert actions.add_note(incident, "It is *DNS*.", actor=ben, at=world.now).text == "It is *DNS*."
    with pytest.raises(Refused, match="nothing in this note"):
        actions.add_note(incident, " \n ", actor=ben, at=world.now)
    with pytest.raises(Refused, match="nothing in this update"):
        actions.post_update(incident, audience="internal", text="", actor=ben, at=world.now)


def test_the_first_public_update_is_remembered_and_promises_the_next(world: World, ben: User) -> None:
    incident = declared(world)
    soon = world.now + timedelta(minutes=30)
    update = actions.post_update(
        incident, audience="public", text="We know.", actor=ben, at=world.now, next_update_at=soon
    )
    assert (update.audience, update.status, update.next_update_at) == ("public", "investigating", soon)
    assert Incident.objects.get(pk=incident.pk).first_public_update_at == world.now
    with pytest.raises(Refused, match="moment to come"):
        actions.post_update(incident, audience="public", text="x", actor=ben, at=world.now, next_update_at=world.now)


@pytest.mark.parametrize(("how", "sentence"), [({"private": True}, "is private"), ({"drill": True}, "is a drill")])
def test_the_public_hears_nothing_of_private_incidents_and_drills(
    world: World, ben: User, how: dict[str, bool], sentence: str
) -> None:
    incident = declared(world, actor=ben, **how)
    with pytest.raises(Refused, match=sentence):
        actions.post_update(incident, audience="public", text="We know.", actor=ben, at=world.now)
    assert not Update.objects.exists()
    actions.post_update(incident, audience="internal", text="Among us.", actor=ben, at=world.now)


def test_going_private_keeps_those_who_work_on_it(world: World, ben: User) -> None:
    incident = declared(world)
    carol = world.person("Carol Commander")
    actions.take_role(incident, Role.COMMANDER, person=carol, actor=ben, at=world.now)
    actions.set_visibility(incident, private=True, actor=ben, at=world.now)
    assert set(Admission.objects.values_list("person__name", flat=True)) == {"Ben Ortiz", "Carol Commander"}
    with pytest.raises(Refused, match="holds a role"):
        actions.dismiss(incident, carol, actor=ben, at=world.now)
    actions.leave_role(incident, Role.COMMANDER, person=carol, actor=ben, at=world.now)
    actions.dismiss(incident, carol, actor=ben, at=world.now)
    with pytest.raises(Refused, match="must stay"):
        actions.dismiss(incident, ben, actor=ben, at=world.now)


def test_nobody_outside_gets_a_role_in_a_private_incident_before_they_are_admitted(world: World, ben: User) -> None:
    incident = declared(world, private=True, actor=ben)
    carol = world.person("Carol Commander")
    with pytest.raises(Refused, match="admit Carol Commander first"):
        actions.take_role(incident, Role.COMMANDER, person=carol, actor=ben, at=world.now)
    actions.admit(incident, carol, actor=ben, at=world.now)
    actions.take_role(incident, Role.COMMANDER, person=carol, actor=ben, at=world.now)


def test_the_story_is_numbered_without_gaps_even_from_an_old_copy_of_the_row(world: World, ben: User) -> None:
    incident = declared(world)
    stale = Incident.objects.get(pk=incident.pk)
    actions.add_note(incident, "one", actor=ben, at=world.now)
    with transaction.atomic():
        timeline.record(stale, Kind.NOTE, at=world.now, text="two")
    actions.tell_alert(
        stale, kind=Kind.ALERT_FIRED, text="CPU", data={"alert": 1}, at=world.now, actor_name="Alertmanager"
    )
    assert list(TimelineEvent.objects.filter(incident=incident).values_list("seq", flat=True)) == [1, 2, 3, 4]
    assert Incident.objects.get(pk=incident.pk).head == 4


def test_the_story_can_only_grow(world: World, ben: User) -> None:
    incident = declared(world)
    for change in (
        lambda rows: rows.update(text="forged"),
        lambda rows: rows.delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change(TimelineEvent.objects.filter(incident=incident))
