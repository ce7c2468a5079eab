"""Promises: made, kept with evidence, dropped with a reason, remembered."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import AuditEntry
from incidents import actions as room
from notifications.models import Message
from postmortems import actions, queries
from postmortems.models import ActionItem
from postmortems.reminders import reminders_due
from postmortems.reminding import next_reminder
from tests.postmortems.conftest import Story

NEW = "/postmortems/action-items/new/"


def typed(story: Story, **more: object) -> dict[str, object]:
    return {
        "title": "Alert on the connection pool",
        "owner": story.rita.pk,
        "due_on": "",
        "horizon": "short",
        "kind": "detect",
        "priority": "high",
        "details": "The alert fires in a drill.",
        "incident": "",
    } | more


def made(story: Story, **more: object) -> ActionItem:
    given = {"title": "Alert on the pool", "owner": story.rita, "actor": story.rita, "at": story.world.now} | more
    return actions.add_item(**given)  # type: ignore[arg-type]


def test_an_item_is_promised_standalone(story: Story) -> None:
    assert story.world.browser(story.rita).get(NEW).status_code == 200
    answer = story.world.browser(story.rita).post(NEW, typed(story))
    item = ActionItem.objects.get()
    assert answer.headers["location"] == f"/postmortems/action-items/{item.pk}/"
    assert item.due_on == date(2026, 3, 6)
    page = story.page(story.sam, answer.headers["location"])
    assert "Alert on the connection pool" in page
    assert "The alert fires in a drill." in page


@pytest.mark.parametrize(
    ("severity", "horizon", "days"),
    [
        ("SEV1", "immediate", 7),
        ("SEV1", "short", 30),
        ("SEV1", "long", 90),
        ("SEV2", "immediate", 30),
        ("SEV3", "short", 90),
    ],
)
def test_the_severity_and_the_horizon_choose_the_day(story: Story, severity: str, horizon: str, days: int) -> None:
    item = made(story, incident=story.declare(severity), horizon=horizon)
    assert item.due_on == story.world.now.date() + timedelta(days=days)


def test_an_item_is_added_in_the_war_room_in_its_dialog(story: Story) -> None:
    incident = story.declare()
    address = f"/postmortems/of/{incident.reference}/action-items/new/"
    browser = story.world.browser(story.rita)
    form = browser.get(address, headers={"HX-Request": "true"}).content.decode()
    assert form.startswith("<form")
    wrong = browser.post(address, typed(story, title=""), headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert "The alert fires in a drill." in wrong.content.decode()
    answer = browser.post(address, typed(story), headers={"HX-Request": "true"})
    assert "Alert on the connection pool" in answer.json()["parts"]["postmortems-of-incident"]
    assert ActionItem.objects.get().incident == incident
    panel = browser.get(f"/postmortems/of/{incident.reference}/", headers={"HX-Request": "true"}).content.decode()
    assert panel.startswith("<section")
    assert "Alert on the connection pool" in panel
    assert browser.post(address, typed(story)).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"owner": ""},
        {"owner": "999999"},
        {"due_on": "tomorrow"},
        {"due_on": "2099-01-01"},
        {"horizon": "never"},
        {"incident": "INC-999"},
        {"incident": "nonsense"},
    ],
)
def test_a_wrong_value_is_told_at_its_field(story: Story, wrong: dict[str, str]) -> None:
    answer = story.world.browser(story.rita).post(NEW, typed(story, **wrong))
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert "The alert fires in a drill." in answer.content.decode()


def test_the_owner_is_active_and_may_see_the_incident(story: Story) -> None:
    incident = story.declare(private=True)
    answer = story.world.browser(story.rita).post(NEW, typed(story, owner=story.sam.pk, incident=incident.reference))
    assert answer.status_code == 422
    assert "may not see this incident" in answer.content.decode()
    assert not Message.objects.filter(person=story.sam).exists()
    room.admit(incident, story.sam, actor=story.rita, at=story.world.now)
    assert made(story, owner=story.sam, incident=incident).owner == story.sam


def test_who_is_given_an_item_is_told(story: Story) -> None:
    made(story, owner=story.sam)
    message = Message.objects.get(person=story.sam)
    assert message.subject == "Yours: Alert on the pool"
    assert "/postmortems/action-items/" in message.text
    made(story)
    assert not Message.objects.filter(person=story.rita).exists()


def test_done_takes_evidence_and_dropping_a_reason(story: Story) -> None:
    item, other = made(story), made(story)
    browser = story.world.browser(story.rita)
    where = f"/postmortems/action-items/{item.pk}"
    browser.post(f"{where}/start/")
    assert browser.post(f"{where}/done/", {"evidence": ""}).status_code == 422
    assert browser.post(f"{where}/done/", {"evidence": "https://example.com/pull/7"}).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.finished_at) == ("done", story.world.now)
    again = browser.post(f"{where}/done/", {"evidence": "again"})
    assert again.status_code == 409
    browser.post(f"{where}/reopen/")
    item.refresh_from_db()
    assert (item.state, item.evidence, item.finished_at) == ("open", "", None)
    drop = f"/postmortems/action-items/{other.pk}/wont_do/"
    assert browser.post(drop, {"reason": " "}).status_code == 422
    browser.post(drop, {"reason": "The pool is gone."})
    assert "The pool is gone." in story.page(story.sam, f"/postmortems/action-items/{other.pk}/")
    assert browser.post(f"{where}/explode/").status_code == 404


def test_a_day_that_is_over_is_refused_and_an_overdue_item_can_still_be_changed(story: Story) -> None:
    browser = story.world.browser(story.rita)
    answer = browser.post(NEW, typed(story, due_on="2026-01-04"))
    assert answer.status_code == 422
    assert "This day is over" in answer.content.decode()
    body = {"title": "Alert", "owner": story.rita.email, "due_on": "2026-01-04"}
    program = story.world.program(story.rita)
    refused = program.post("/action-items/", body)
    assert refused.status_code == 400
    assert "This day is over" in refused.content.decode()
    assert not ActionItem.objects.exists()
    assert program.post("/action-items/", body | {"due_on": "2026-01-05"}).status_code == 201
    late = made(story, due_on=date(2026, 1, 4), at=story.world.now - timedelta(days=3))
    where = f"/postmortems/action-items/{late.pk}/edit/"
    assert browser.post(where, typed(story, title="Other words", due_on="2026-01-04")).status_code == 302
    assert browser.post(where, typed(story, due_on="2026-01-03")).status_code == 422


def test_an_item_is_handed_on_and_put_off(story: Story) -> None:
    item = made(story)
    where = f"/postmortems/action-items/{item.pk}/edit/"
    browser = story.world.browser(story.rita)
    assert "Alert on the pool" in browser.get(where).content.decode()
    browser.post(where, typed(story, owner=story.sam.pk, due_on="2026-02-01"))
    item.refresh_from_db()
    assert (item.owner, item.due_on) == (story.sam, date(2026, 2, 1))
    assert Message.objects.filter(person=story.sam, subject__startswith="Yours").count() == 1
    assert browser.post(where, typed(story, due_on="1999-01-01")).status_code == 422


def test_items_are_changed_by_their_owner_their_maker_and_managers(story: Story) -> None:
    item = made(story)
    where = f"/postmortems/action-items/{item.pk}"
    sam = story.world.browser(story.sam)
    assert "Drop it" not in sam.get(f"{where}/").content.decode()
    refused = sam.post(f"{where}/start/")
    assert refused.status_code == 403
    assert "Rita Responder" in refused.content.decode()
    assert sam.get(f"{where}/edit/").status_code == 403
    assert sam.post(f"{where}/remove/").status_code == 403
    assert story.world.browser(story.mona).post(f"{where}/start/").status_code == 302
    assert story.world.browser(story.mona).post(f"{where}/remove/").status_code == 302
    assert not ActionItem.objects.exists()
    assert AuditEntry.objects.filter(verb="remove action item").exists()


def test_owners_are_reminded_before_on_and_every_week_after_the_day_once_each(story: Story) -> None:
    made(story, due_on=date(2026, 1, 20))
    told = []
    for _ in range(34 * 4):
        story.pass_time(hours=6)
        reminders_due(story.world.now)
        reminders_due(story.world.now)
        told += [(story.world.now.date(), row.subject) for row in Message.objects.all()]
        Message.objects.all().delete()
    assert told == [
        (date(2026, 1, 17), "Due in 3 days: Alert on the pool"),
        (date(2026, 1, 20), "Due today: Alert on the pool"),
        (date(2026, 1, 27), "7 days overdue: Alert on the pool"),
        (date(2026, 2, 3), "14 days overdue: Alert on the pool"),
    ]


def test_what_is_done_or_handed_on_is_not_reminded_of(story: Story) -> None:
    item = made(story, due_on=date(2026, 1, 6))
    actions.finish_item(item, evidence="done", actor=story.rita, at=story.world.now)
    assert ActionItem.objects.get().next_reminder_at is None
    story.later(days=30)
    assert not Message.objects.exists()


def test_an_owner_who_lost_sight_of_the_incident_learns_nothing_more(story: Story) -> None:
    incident = story.declare(private=True)
    room.admit(incident, story.sam, actor=story.rita, at=story.world.now)
    made(story, owner=story.sam, incident=incident, due_on=date(2026, 1, 6), title="cobalt tapir")
    Message.objects.all().delete()
    room.dismiss(incident, story.sam, actor=story.rita, at=story.world.now)
    story.later(days=2)
    assert not Message.objects.filter(subject__contains="tapir").exists()


def test_a_long_silence_is_followed_by_one_reminder_and_not_by_a_burst(story: Story) -> None:
    made(story, due_on=date(2026, 1, 8))
    story.later(days=60)
    assert Message.objects.count() == 1
    story.later(hours=1)
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), date(2026, 1, 17)),
        (datetime(2026, 1, 17, 8, 1, tzinfo=UTC), date(2026, 1, 20)),
        (datetime(2026, 1, 20, 7, 59, tzinfo=UTC), date(2026, 1, 20)),
        (datetime(2026, 1, 20, 8, 0, tzinfo=UTC), date(2026, 1, 27)),
        (datetime(2026, 3, 31, 12, 0, tzinfo=UTC), date(2026, 4, 7)),
        (datetime(2036, 1, 1, 12, 0, tzinfo=UTC), date(2036, 1, 8)),
    ],
)
def test_reminders_come_at_nine_where_the_owner_lives(after: datetime, expected: date) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = next_reminder(date(2026, 1, 20), after=after, zone=berlin)
    assert found > after
    assert (found.date(), found.hour) == (expected, 9)


def test_the_managers_questions(story: Story) -> None:
    team = story.world.team("Payments", story.sam)
    late = made(story, due_on=date(2026, 1, 4), priority="high", at=story.world.now - timedelta(days=3))
    sams = made(story, owner=story.sam, due_on=date(2026, 1, 9))
    done = made(story)
    actions.finish_item(done, evidence="x", actor=story.rita, at=story.world.now)
    items = queries.action_items_visible_to(story.mona)
    today = story.world.now.date()
    assert set(items.open()) == {late, sams}
    assert list(items.overdue(today)) == [late]
    assert list(items.due_within(today, 7)) == [sams]
    assert set(items.owned_by(story.rita)) == {late, done}
    assert list(items.of_team(team)) == [sams]
    assert list(items.by_priority("high")) == [late]


# Programs


def test_a_program_makes_and_moves_items(story: Story) -> None:
    incident = story.declare()
    program = story.world.program(story.rita)
    body = program.post(
        "/action-items/",
        {"title": "Alert", "owner": story.rita.email, "incident": incident.reference, "horizon": "immediate"},
    )
    assert body.status_code == 201
    assert body.json()["due_on"] == "2026-01-12"
    assert body.json()["incident"] == incident.reference
    where = f"/action-items/{body.json()['id']}"
    assert program.patch(where, {"priority": "low"}).json()["priority"] == "low"
    assert program.post(f"{where}/start").json()["state"] == "in_progress"
    assert program.post(f"{where}/done/", {}).status_code == 400
    assert program.post(f"{where}/done/", {"evidence": "see"}).json()["state"] == "done"
    assert program.post(f"{where}/done/", {"evidence": "see"}).status_code == 409
    assert program.post(f"{where}/reopen/").json()["state"] == "open"
    assert program.post(f"{where}/wont-do/", {"reason": "no"}).json()["reason"] == "no"
    assert program.delete(where).status_code == 403
    assert story.world.program().delete(where).status_code == 204


def test_a_program_asks_for_what_it_needs(story: Story) -> None:
    story.world.team("Payments", story.sam)
    made(story, due_on=date(2026, 1, 4), title="late", at=story.world.now - timedelta(days=3))
    made(story, owner=story.sam, title="sams")
    program = story.world.program(story.mona)

    def titles(**query: str) -> list[str]:
        answer = program.get("/action-items/", **query)
        assert answer.status_code == 200
        return [row["title"] for row in answer.json()["results"]]

    assert titles() == ["late", "sams"]
    assert titles(overdue="true") == ["late"]
    assert titles(owner=story.sam.email) == ["sams"]
    assert titles(team="payments") == ["sams"]
    assert titles(state="done") == []
    assert titles(open="true", priority="medium") == ["late", "sams"]
    for wrong in ({"state": "gone"}, {"owner": "nobody@example.com"}, {"incident": "INC-9"}, {"overdue": "perhaps"}):
        assert program.get("/action-items/", **wrong).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": None},
        {"owner": None},
        {"owner": 10**20},
        {"owner": "nobody@example.com"},
        {"due_on": "soon"},
        {"due_on": "9999-12-31"},
        {"due_on": "0001-01-01"},
        {"incident": 7},
        {"incident": ["INC-1"]},
        {"kind": "guess"},
        {"horizon": {}},
        {"details": "x" * 20_001},
    ],
)
def test_a_program_with_a_wrong_value_is_told_so(story: Story, wrong: dict[str, object]) -> None:
    answer = story.world.program(story.rita).post("/action-items/", {"title": "x", "owner": story.rita.pk} | wrong)
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_a_program_reads_and_moves_postmortems(story: Story) -> None:
    reference = story.drafted().reference
    rita, sam = story.world.program(story.rita), story.world.program(story.sam)
    listed = rita.get("/postmortems/", state="draft").json()
    assert [row["reference"] for row in listed["results"]] == [reference]
    assert set(listed) == {"next", "previous", "results"}
    where = f"/postmortems/{reference}"
    row = rita.get(where).json()
    assert row["state"] == "draft"
    assert rita.patch(where, {"lessons": "x"}).status_code == 400
    assert rita.patch(where, {"lessons": "Ours", "version": row["version"]}).json()["lessons"] == "Ours"
    stale = sam.patch(where, {"lessons": "Theirs", "version": row["version"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "edited_meanwhile")
    assert sam.patch(where, {"author": story.sam.email}).json()["author"] == story.sam.pk
    factor = rita.post(f"{where}/factors/", {"text": "A small pool"}).json()["factors"][0]
    assert rita.delete(f"{where}/factors/{factor['id']}/").status_code == 204
    assert rita.delete(f"{where}/factors/{factor['id']}/").status_code == 404
    assert rita.get(f"{where}/markdown/").content.decode().startswith("# Cards")
    assert rita.post(f"{where}/submit/").json()["state"] == "in_review"
    assert rita.post(f"{where}/send-back/").json()["state"] == "draft"
    rita.post(f"{where}/submit/")
    assert sam.post(f"{where}/approve/").status_code == 409
    assert rita.post(f"{where}/approve/").json()["approved_by"] == story.rita.pk
    assert rita.post(f"{where}/publish/").json()["published_at"]
    assert rita.post(f"{where}/reopen/").status_code == 403
    manager = story.world.program(story.mona)
    assert manager.post(f"{where}/reopen/").json()["state"] == "draft"
    assert manager.post(f"{where}/waive/", {}).status_code == 400
    assert manager.post(f"{where}/waive/", {"reason": "A copy"}).json()["waived_reason"] == "A copy"
    assert rita.get("/postmortems/INC-999/").status_code == 404
    assert rita.get("/postmortems/", state="wrong").status_code == 400


def test_a_program_asks_for_an_optional_postmortem(story: Story) -> None:
    incident = story.resolved("SEV4")
    program = story.world.program(story.rita)
    assert program.post("/postmortems/", {"incident": incident.reference}).status_code == 201
    assert program.post("/postmortems/", {"incident": "INC-999"}).status_code == 400
    open_one = story.declare("SEV4")
    assert program.post("/postmortems/", {"incident": open_one.reference}).status_code == 409


@pytest.mark.parametrize("cursor", ["cD0x", "bz0xJnA9YQ==", "cD0lMDA=", "x", "%ff"])
def test_a_cursor_of_no_list_of_items_is_refused_with_a_sentence(story: Story, cursor: str) -> None:
    answer = story.world.program(story.rita).get("/action-items/", cursor=cursor)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["cursor"])


def test_programs_read_items_page_by_page_and_hear_of_a_wrong_page_size(story: Story) -> None:
    titles = [f"Item {number}" for number in range(5)]
    for title in titles:
        made(story, title=title)
    program, found, path = story.world.program(story.rita), [], "/action-items/?page_size=2"
    while path:
        body = program.get(path).json()
        found += [row["title"] for row in body["results"]]
        path = body["next"] and "/action-items/?" + body["next"].partition("?")[2]
    assert found == titles
    assert program.get("/action-items/", page_size="0").status_code == 400
