"""A draft exists the moment an incident that needs one is resolved, filled from its record."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents import actions as room
from postmortems import actions
from postmortems import record as reading
from postmortems.draft import compose, filled
from postmortems.facts import Asked, Happening, Part, Promises, Record
from postmortems.models import Postmortem
from tests.postmortems.conftest import Story

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def minutes(count: float) -> datetime:
    return START + timedelta(minutes=count)


def record(**more: object) -> Record:
    known = {
        "reference": "INC-7",
        "title": "Cards are declined",
        "severity": "SEV1 Critical",
        "service": "Checkout",
        "summary": "",
        "by_alert": True,
        "impact_started_at": minutes(-4),
        "detected_at": minutes(0),
        "declared_at": minutes(0),
        "acknowledged_at": minutes(3),
        "commander_named_at": minutes(9),
        "identified_at": minutes(12),
        "first_public_update_at": None,
        "mitigated_at": minutes(40),
        "resolved_at": minutes(60),
        "happenings": (
            Happening(minutes(0), "alert_fired", "Alertmanager", "fired", "5xx above 5 %"),
            Happening(minutes(3), "acknowledged", "Rita", "acknowledged"),
            Happening(minutes(12), "note", "Rita", "wrote", "The processor\nanswers with 503."),
        ),
        "parts": (Part("Commander", "Rita", minutes(9), None), Part("Scribe", "Sam", minutes(10), minutes(30))),
        "asked": (Asked("Rita", 0, minutes(0), minutes(3)), Asked("Sam", 1, minutes(5), None)),
        "promises": Promises(acknowledge=5, commander=5, restore=15, public_update=15),
        "roles_required": ("Commander", "Technical lead"),
    } | more
    return Record(**known)  # type: ignore[arg-type]


def test_most_sections_are_filled_from_the_record() -> None:
    assert filled(compose(record())) >= 0.8
    bare = record(
        service="", impact_started_at=None, detected_at=None, acknowledged_at=None, commander_named_at=None,
        identified_at=None, mitigated_at=None, happenings=(), parts=(), asked=(), promises=Promises(),
        roles_required=(), by_alert=False,
    )  # fmt: skip
    assert filled(compose(bare)) >= 0.7


def test_it_tells_impact_detection_and_response_with_their_durations() -> None:
    draft = compose(record())
    assert "Users were harmed for 44 min; it was resolved after 1 h 4 min." in draft.summary
    assert "Impact began: 2026-01-05 08:56 UTC" in draft.impact
    assert "Customers were not told" in draft.impact
    assert "A monitoring alert found it: 5xx above 5 %." in draft.detection
    assert "From the beginning to noticing: 4 min." in draft.detection
    assert "From noticing to the first person's answer: 3 min." in draft.detection
    assert "Commander: Rita, 09:09 to the end" in draft.response
    assert "Scribe: Sam, 09:10 until 09:30" in draft.response
    assert "2 pages went out, 1 was answered." in draft.response
    assert "It escalated to step 2." in draft.response
    assert "- 09:12 Rita wrote: The processor answers with 503." in draft.timeline


def test_kept_promises_went_well_and_missed_ones_could_be_better() -> None:
    draft = compose(record())
    assert "Acknowledged after 3 min (promised within 5 min)" in draft.went_well
    assert "Commander named after 9 min (promised within 5 min)" in draft.could_be_better
    assert "Service restored after 44 min (promised within 15 min)" in draft.could_be_better
    assert "First public update: never recorded" in draft.could_be_better
    assert "Nobody held: Technical lead." in draft.could_be_better
    assert "1 page was not answered." in draft.could_be_better


def test_it_names_no_person_as_a_cause() -> None:
    draft = compose(record())
    for section in (draft.summary, draft.impact, draft.went_well, draft.could_be_better, draft.lucky):
        assert "Rita" not in section
        assert "Sam" not in section


def test_a_resolved_critical_incident_has_a_draft_within_seconds(story: Story) -> None:
    incident = story.resolved("SEV1", service=story.world.service("Checkout"))
    story.later(seconds=2)
    draft = Postmortem.objects.get(incident=incident)
    assert draft.state == "draft"
    assert draft.author == story.rita
    assert "Acknowledged" not in draft.could_be_better
    assert "Checkout was hit: Cards are declined (SEV1 Critical)" in draft.summary
    assert "The card processor answers with 503." in draft.timeline
    assert "Commander: Rita Responder" in draft.response
    assert draft.meeting_due_at == incident.resolved_at + timedelta(hours=48)
    assert draft.publish_due_at == incident.resolved_at + timedelta(hours=72)
    before = draft.drafted_at
    story.later(minutes=1)
    draft.refresh_from_db()
    assert draft.drafted_at == before


@pytest.mark.parametrize("severity", ["SEV3", "SEV4"])
def test_a_severity_that_does_not_ask_for_one_gets_none_by_itself(story: Story, severity: str) -> None:
    incident = story.drafted(severity)
    assert not Postmortem.objects.exists()
    text = story.page(story.rita, f"/postmortems/of/{incident.reference}/")
    assert "Write one" in text
    answer = story.world.browser(story.rita).post(f"/postmortems/of/{incident.reference}/write/")
    assert answer.headers["location"] == f"/postmortems/{incident.reference}/"
    assert Postmortem.objects.get().author == story.rita


def test_drills_and_declined_incidents_get_none(story: Story) -> None:
    drill = story.drafted("SEV1", drill=True)
    noise = story.declare("SEV1", origin="alert")
    room.decline(noise, actor=story.rita, at=story.world.now, reason="noise")
    story.world.tick()
    assert not Postmortem.objects.exists()
    refused = story.world.browser(story.rita).post(f"/postmortems/of/{drill.reference}/write/")
    assert refused.status_code == 409
    assert "drill" in refused.content.decode()


def test_one_cannot_be_written_before_the_end(story: Story) -> None:
    incident = story.declare()
    answer = story.world.browser(story.rita).post(f"/postmortems/of/{incident.reference}/write/")
    assert answer.status_code == 409
    assert "once it is resolved" in answer.content.decode()


def test_an_untouched_draft_follows_a_reopened_incident_and_an_edited_one_is_left_alone(story: Story) -> None:
    incident = story.drafted()
    draft = Postmortem.objects.get()
    for expected in (True, False):
        room.reopen(incident, actor=story.rita, at=story.world.now)
        room.add_note(incident, f"Second wave {expected}.", actor=story.rita, at=story.world.now)
        story.pass_time(minutes=5)
        room.resolve(incident, actor=story.rita, at=story.world.now)
        story.world.tick()
        draft.refresh_from_db()
        assert (f"Second wave {expected}." in draft.timeline) is expected
        draft = actions.edit(
            draft, version=draft.version, texts={"lessons": "Ours."}, actor=story.rita, at=story.world.now
        )


def test_a_story_that_cannot_be_told_holds_up_no_other(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = story.resolved(title="poison"), story.resolved(title="well")
    real = reading.of

    def broken(incident: object, **more: object) -> object:
        if incident == first:
            raise ValueError("unreadable")
        return real(incident, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "of", broken)
    story.world.tick()
    assert [row.incident for row in Postmortem.objects.all()] == [second]
