"""Postmortems are written together, reviewed by a second person, published or waived."""

import re

import pytest

from accounts.models import AuditEntry
from incidents import actions as room
from postmortems import actions
from postmortems.merging import mark, merge
from postmortems.models import SECTIONS, Postmortem
from tests.postmortems.conftest import Story


def begun(story: Story, address: str) -> dict[str, str]:
    """What a browser would send back from the edit page, unchanged."""
    text = story.page(story.rita, address)
    hidden = dict(re.findall(r'<input type="hidden" name="((?:version|base_\w+))" value="([^"]*)"', text))
    row = Postmortem.objects.get()
    return {name: getattr(row, name).replace("\n", "\r\n") for name in SECTIONS} | hidden


def test_a_draft_is_edited(story: Story) -> None:
    address = f"/postmortems/{story.drafted().reference}/edit/"
    typed = begun(story, address) | {"lessons": "A limit without an alert is a trap."}
    answer = story.world.browser(story.rita).post(address, typed)
    assert answer.status_code == 302
    row = Postmortem.objects.get()
    assert row.lessons == "A limit without an alert is a trap."
    assert row.version == 2
    assert "A limit without an alert is a trap." in story.page(story.sam, answer.headers["location"])


def test_different_sections_edited_at_once_are_merged(story: Story) -> None:
    address = f"/postmortems/{story.drafted().reference}/edit/"
    mine, theirs = begun(story, address), begun(story, address)
    assert story.world.browser(story.sam).post(address, theirs | {"impact": "Sam's impact"}).status_code == 302
    assert story.world.browser(story.rita).post(address, mine | {"lessons": "Rita's lesson"}).status_code == 302
    row = Postmortem.objects.get()
    assert (row.impact, row.lessons) == ("Sam's impact", "Rita's lesson")


def test_the_same_section_edited_at_once_shows_both_texts_and_loses_none(story: Story) -> None:
    address = f"/postmortems/{story.drafted().reference}/edit/"
    mine, theirs = begun(story, address), begun(story, address)
    story.world.browser(story.sam).post(address, theirs | {"summary": "Sam's words"})
    answer = story.world.browser(story.rita).post(address, mine | {"summary": "Rita's words", "lessons": "Kept"})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Sam&#x27;s words" in text
    assert "Rita&#x27;s words" in text
    assert "Kept" in text
    assert Postmortem.objects.get().summary == "Sam's words"
    hidden = dict(re.findall(r'<input type="hidden" name="((?:version|base_\w+))" value="([^"]*)"', text))
    again = story.world.browser(story.rita).post(
        address, mine | hidden | {"summary": "Rita's and Sam's words", "lessons": "Kept"}
    )
    assert again.status_code == 302
    assert Postmortem.objects.get().summary == "Rita's and Sam's words"


def test_merging_takes_what_one_side_changed() -> None:
    base = {"a": mark("1"), "b": mark("1"), "c": mark("1\n")}
    merged = merge({"a": "2", "b": "1", "c": "1\r\n"}, {"a": "1", "b": "3", "c": "1"}, base)
    assert (merged.texts, merged.conflicts) == ({"a": "2", "b": "3", "c": "1"}, [])
    assert merge({"a": "2"}, {"a": "3"}, base).conflicts == ["a"]
    assert merge({"a": "2"}, {"a": "2"}, {}).conflicts == []


@pytest.mark.parametrize("wrong", [{"version": ""}, {"version": "x"}, {"version": "0"}, {"summary": "x" * 100_001}])
def test_a_wrong_value_loses_nothing_that_was_typed(story: Story, wrong: dict[str, str]) -> None:
    address = f"/postmortems/{story.drafted().reference}/edit/"
    typed = begun(story, address) | {"lessons": "Typed with care"} | wrong
    answer = story.world.browser(story.rita).post(address, typed)
    assert answer.status_code == 422
    assert "Typed with care" in answer.content.decode()


def test_it_goes_from_draft_to_published_with_a_second_pair_of_eyes(story: Story) -> None:
    reference = story.drafted().reference
    rita, sam = story.world.browser(story.rita), story.world.browser(story.sam)
    move = f"/postmortems/{reference}/move"
    assert "Ask for review" in story.page(story.rita, f"/postmortems/{reference}/")
    assert rita.post(f"{move}/submit/").status_code == 302
    own = rita.post(f"{move}/approve/")
    assert own.status_code == 409
    assert "second pair of eyes" in own.content.decode()
    assert sam.post(f"{move}/approve/").status_code == 302
    words_stand = rita.post(f"/postmortems/{reference}/factors/", {"text": "Too late"})
    assert words_stand.status_code == 409
    assert rita.get(f"/postmortems/{reference}/edit/").status_code == 302
    assert rita.post(f"{move}/publish/").status_code == 302
    row = Postmortem.objects.get()
    assert (row.state, row.approved_by) == ("published", story.sam)
    assert row.submitted_at == row.approved_at == row.published_at == story.world.now
    again = rita.post(f"{move}/publish/")
    assert again.status_code == 409
    assert "is published" in again.content.decode()
    assert rita.post(f"{move}/reopen/").status_code == 403
    assert story.world.browser(story.mona).post(f"{move}/reopen/").status_code == 302
    assert Postmortem.objects.get().approved_by is None


def test_who_wrote_it_is_told_who_approves_it_and_is_not_offered_to(story: Story) -> None:
    address = f"/postmortems/{story.drafted().reference}/"
    story.world.browser(story.rita).post(f"{address}move/submit/")
    own, other = story.page(story.rita, address), story.page(story.sam, address)
    assert "so somebody else approves it" in own
    assert "/move/approve/" not in own
    assert "/move/approve/" in other
    assert "so somebody else approves it" not in other


def test_asking_for_review_of_what_is_half_empty_asks_once_more(story: Story) -> None:
    address = f"/postmortems/{story.drafted().reference}/"
    page = story.page(story.rita, address)
    assert "Lessons. Ask for review all the same?" in page
    Postmortem.objects.update(lessons="Try the spare first.")
    assert "Ask for review all the same?" not in story.page(story.rita, address)


def test_a_move_that_is_refused_is_told_on_the_page_itself(story: Story) -> None:
    address = f"/postmortems/{story.drafted().reference}/"
    Postmortem.objects.update(summary="")
    answer = story.world.browser(story.rita).post(f"{address}move/submit/")
    assert answer.status_code == 409
    assert "Write a summary first" in answer.content.decode()
    assert "Ask for review" in answer.content.decode()


def test_it_can_be_sent_back(story: Story) -> None:
    reference = story.drafted().reference
    browser = story.world.browser(story.sam)
    browser.post(f"/postmortems/{reference}/move/submit/")
    browser.post(f"/postmortems/{reference}/move/send_back/")
    assert Postmortem.objects.get().state == "draft"
    assert browser.post(f"/postmortems/{reference}/move/explode/").status_code == 404
    assert browser.get(f"/postmortems/{reference}/move/submit/").status_code == 405


def test_managers_waive_with_a_reason(story: Story) -> None:
    reference = story.drafted().reference
    address = f"/postmortems/{reference}/move/waive/"
    assert story.world.browser(story.rita).post(address, {"reason": "no time"}).status_code == 403
    manager = story.world.browser(story.mona)
    missing = manager.post(address, {"reason": ""})
    assert missing.status_code == 422
    assert "field-error" in missing.content.decode()
    assert manager.post(address, {"reason": "A copy of INC-1"}).status_code == 302
    assert Postmortem.objects.get().state == "waived"
    assert "A copy of INC-1" in story.page(story.sam, f"/postmortems/{reference}/")
    assert AuditEntry.objects.filter(verb="waive postmortem", subject=reference).exists()


def test_factors_are_named_and_taken_back(story: Story) -> None:
    reference = story.drafted().reference
    browser = story.world.browser(story.rita)
    address = f"/postmortems/{reference}/factors/"
    assert browser.post(address, {"text": ""}).status_code == 422
    browser.post(address, {"text": "Connection pool of 10"})
    browser.post(address, {"text": "Connection pool of 10"})
    browser.post(address, {"text": "No alert on pool exhaustion"})
    page = story.page(story.sam, f"/postmortems/{reference}/")
    assert page.count("No alert on pool exhaustion") >= 1
    row = Postmortem.objects.get()
    assert row.factors.count() == 2
    browser.post(f"{address}{row.factors.first().pk}/remove/")
    assert row.factors.count() == 1
    assert browser.post(f"{address}999999/remove/").status_code == 404


def test_the_author_is_somebody_active_who_may_see_it(story: Story) -> None:
    reference = story.drafted().reference
    browser = story.world.browser(story.rita)
    address = f"/postmortems/{reference}/author/"
    browser.post(address, {"author": story.sam.pk})
    assert Postmortem.objects.get().author == story.sam
    story.mona.is_active = False
    story.mona.save()
    assert browser.post(address, {"author": story.mona.pk}).status_code == 422
    browser.post(address, {"author": ""})
    assert Postmortem.objects.get().author is None


def test_it_is_exported_as_markdown(story: Story) -> None:
    incident = story.drafted(service=story.world.service("Checkout"))
    row = Postmortem.objects.get()
    actions.add_factor(row, text="Connection pool of 10", actor=story.rita, at=story.world.now)
    actions.add_item(
        title="Alert on the pool", owner=story.rita, incident=incident, actor=story.rita, at=story.world.now
    )
    answer = story.world.browser(story.sam).get(f"/postmortems/{incident.reference}/markdown/")
    assert answer["content-type"] == "text/markdown; charset=utf-8"
    assert answer["content-disposition"] == f'attachment; filename="{incident.reference}-postmortem.md"'
    text = answer.content.decode()
    assert text.startswith("# Cards are declined\n")
    assert "## Summary" in text
    assert "- Connection pool of 10" in text
    assert "- [ ] Alert on the pool (Rita Responder, 2026-02-04, Open)" in text


def test_the_library_is_searched_and_filtered(story: Story) -> None:
    one = story.drafted(title="Cards are declined")
    two = story.drafted(title="Search is slow")
    row = Postmortem.objects.get(incident=two)
    actions.add_factor(row, text="An index was dropped", actor=story.rita, at=story.world.now)
    actions.submit(row, actor=story.rita, at=story.world.now)
    listed = story.page(story.sam, "/postmortems/")
    assert "Cards are declined" in listed
    assert "Search is slow" in listed
    for query, found, absent in (
        ("?q=index", "Search is slow", "Cards are declined"),
        (f"?q={one.reference}", "Cards are declined", "Search is slow"),
        ("?state=in_review", "Search is slow", "Cards are declined"),
    ):
        text = story.page(story.sam, f"/postmortems/{query}")
        assert found in text
        assert absent not in text
    assert "No postmortem fits" in story.page(story.sam, "/postmortems/?q=zebra")
    assert story.world.browser(story.sam).get("/postmortems/?state=wrong").status_code == 422
    story.later(hours=73)
    assert "Overdue" in story.page(story.sam, "/postmortems/")


def test_an_empty_library_says_what_will_stand_there(story: Story) -> None:
    assert "Nothing to learn from yet" in story.page(story.sam, "/postmortems/")
    assert story.world.browser(story.sam).get("/postmortems/INC-999/").status_code == 404
    assert story.world.browser(story.sam).get("/postmortems/nonsense/").status_code == 404


def test_viewers_read_and_do_not_write(story: Story) -> None:
    reference = story.drafted().reference
    viewer = story.world.browser(story.world.person("Vic Viewer", role="viewer"))
    assert viewer.get(f"/postmortems/{reference}/").status_code == 200
    assert viewer.get(f"/postmortems/{reference}/edit/").status_code == 403
    assert viewer.post(f"/postmortems/{reference}/move/submit/").status_code == 403


def test_nothing_of_a_private_incident_is_found_by_an_outsider(story: Story) -> None:
    incident = story.drafted(title="vermilion okapi", private=True)
    row = Postmortem.objects.get()
    actions.add_factor(row, text="umber pangolin", actor=story.rita, at=story.world.now)
    item = actions.add_item(
        title="cobalt tapir", owner=story.rita, incident=incident, actor=story.rita, at=story.world.now
    )
    outsider, program = story.world.browser(story.sam), story.world.program(story.sam)
    reference = incident.reference
    for address in (
        f"/postmortems/{reference}/",
        f"/postmortems/{reference}/edit/",
        f"/postmortems/{reference}/markdown/",
        f"/postmortems/of/{reference}/",
        f"/postmortems/of/{reference}/action-items/new/",
        f"/postmortems/action-items/{item.pk}/",
        f"/postmortems/action-items/{item.pk}/edit/",
    ):
        assert outsider.get(address).status_code == 404, address
        assert story.world.browser(story.rita).get(address).status_code == 200, address
    for address in (f"/postmortems/{reference}/", f"/action-items/{item.pk}/", f"/postmortems/{reference}/markdown/"):
        assert program.get(address).status_code == 404
    seen = [outsider.get("/postmortems/").content, outsider.get("/postmortems/?q=pangolin").content]
    seen += [program.get("/postmortems/").content, program.get("/action-items/").content]
    for text in seen:
        assert not re.search(rb"okapi|tapir|pangolin|" + reference.encode(), text.replace(b'value="pangolin"', b""))
    refused = program.post("/action-items/", {"title": "x", "owner": story.sam.pk, "incident": reference})
    assert refused.status_code == 400
    room.admit(incident, story.sam, actor=story.rita, at=story.world.now)
    assert program.get(f"/action-items/{item.pk}/").status_code == 200


def test_days_that_are_over_stand_out_until_it_is_published(story: Story) -> None:
    address = f"/postmortems/{story.drafted('SEV1').reference}/"
    assert "Overdue" not in story.page(story.rita, address)
    story.pass_time(hours=49)
    assert story.page(story.rita, address).count("Overdue") == 1
    story.pass_time(hours=24)
    assert story.page(story.rita, address).count("Overdue") == 2
