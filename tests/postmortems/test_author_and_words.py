"""A program changes the author and the words of a postmortem together, or neither."""

from postmortems.models import Postmortem
from tests.postmortems.conftest import Story


def test_words_of_an_older_version_leave_the_author_as_well(story: Story) -> None:
    address = f"/postmortems/{story.drafted().reference}"
    program = story.world.program(story.rita)
    before = program.get(address).json()
    assert program.patch(address, {"version": before["version"], "summary": "Sam was first"}).status_code == 200
    answer = program.patch(address, {"author": story.sam.pk, "version": before["version"], "summary": "Rita was late"})
    assert answer.status_code == 409
    row = Postmortem.objects.get()
    assert (row.author_id, row.summary) == (before["author"], "Sam was first")


def test_an_author_who_may_not_write_leaves_the_words_as_well(story: Story) -> None:
    address = f"/postmortems/{story.drafted().reference}"
    program = story.world.program(story.rita)
    before = program.get(address).json()
    gone = story.world.person("Gone Girl", is_active=False)
    answer = program.patch(address, {"author": gone.pk, "version": before["version"], "summary": "New"})
    assert answer.status_code == 400
    assert Postmortem.objects.get().summary == before["summary"]


def test_author_and_words_are_changed_together(story: Story) -> None:
    address = f"/postmortems/{story.drafted().reference}"
    program = story.world.program(story.rita)
    version = program.get(address).json()["version"]
    answer = program.patch(address, {"author": story.sam.pk, "version": version, "summary": "New"})
    assert (answer.status_code, answer.json()["author"], answer.json()["summary"]) == (200, story.sam.pk, "New")
