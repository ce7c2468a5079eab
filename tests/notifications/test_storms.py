"""A storm of pages reaches one person as few messages that say how many, and none is lost."""

from datetime import timedelta

from notifications import actions
from notifications.models import Attempt, ContactMethod, Message, NotificationRule
from notifications.storms import Earlier, Hold, judged
from tests.notifications.leaving import hook_of, leave, letterbox_of
from tests.receivers import MailCatcher, WebReceiver
from tests.world import START, World


def pages(world: World, person, numbers: range) -> list[Message]:
    found = []
    for number in numbers:
        payload = {"incident": f"INC-{number}", "acknowledge_url": f"https://muster.example.com/p/{number}/"}
        found += leave(world, person, topic=f"page/{number}", subject=f"Broken {number}", payload=payload)
    return found


def subjects(mail: MailCatcher) -> list[str]:
    return [row.body["Subject"] for row in mail.ledger.rows]


def test_a_few_pages_go_each_by_itself(world: World, mail: MailCatcher) -> None:
    pages(world, world.person("Ben Ops"), range(1, 6))
    world.tick()
    assert sorted(subjects(mail)) == [f"Broken {number}" for number in range(1, 6)]


def test_five_hundred_at_once_are_one_message_that_says_how_many(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    pages(world, ben, range(1, 501))
    world.tick()
    assert subjects(mail) == ["500 pages for you. The first: Broken 1"]
    text = mail.ledger.rows[0].body.get_body(("plain",)).get_content()
    assert "https://muster.example.com/p/10/" in text
    assert "… and 490 more." in text
    assert "/incidents/?show=mine" in text
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    assert Attempt.objects.filter(outcome="sent").count() == 500


def test_while_it_lasts_there_is_one_message_a_minute_and_then_all_is_as_before(world: World, mail) -> None:
    ben = world.person("Ben Ops")
    pages(world, ben, range(1, 11))
    world.tick()
    assert len(mail.ledger) == 1
    for number in range(11, 41):  # one every two seconds
        pages(world, ben, range(number, number + 1))
        world.advance(seconds=2)
    assert len(mail.ledger) == 2
    assert subjects(mail)[1].startswith("30 pages") or subjects(mail)[1].startswith("29 pages")
    world.advance(seconds=130)
    assert not Message.objects.exclude(state="sent").exists()
    before = len(mail.ledger)
    pages(world, ben, range(90, 91))
    world.tick()
    assert subjects(mail)[before:] == ["Broken 90"]


def test_what_a_failed_message_carried_is_tried_again_with_it(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    mail.answers[ben.email] = "451 later"
    pages(world, ben, range(1, 11))
    world.tick()
    assert set(Message.objects.values_list("state", "carried_by")) == {("queued", None)}
    mail.answers.clear()
    world.advance(seconds=5)
    assert subjects(mail) == ["10 pages for you. The first: Broken 1"]
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 2)}


def test_acknowledged_ones_are_carried_no_more(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    pages(world, ben, range(1, 11))
    for number in range(1, 10):
        actions.withdraw(f"page/{number}", at=world.now)
    world.tick()
    assert subjects(mail) == ["Broken 10"]


def test_programs_get_every_page(world: World, web: WebReceiver) -> None:
    ben = world.person("Ben Ops")
    hook_of(world, ben, web)
    pages(world, ben, range(1, 21))
    world.tick()
    assert len(set(web.ledger.keys)) == 20


def test_a_storm_at_one_person_holds_up_nobody_else(world: World, mail: MailCatcher) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    pages(world, ben, range(1, 51))
    leave(world, cleo, topic="page/99")
    world.tick()
    assert len(mail.to(cleo.email)) == 1
    assert len(mail.to(ben.email)) == 1


def test_the_judgement() -> None:
    lone, bundle = Earlier(START, is_bundle=False), Earlier(START, is_bundle=True)
    assert judged([], waiting=5, most=5, at=START) == "go"
    assert judged([], waiting=6, most=5, at=START) == "bundle"
    assert judged([lone] * 4, waiting=1, most=5, at=START) == "go"
    assert judged([lone] * 5, waiting=1, most=5, at=START) == Hold(START + timedelta(seconds=60))
    assert judged([bundle], waiting=1, most=5, at=START) == Hold(START + timedelta(seconds=60))
    assert judged([bundle], waiting=900, most=0, at=START) == "go"


def test_a_provider_that_fails_again_and_again_is_left_alone_and_others_go_at_once(world, mail, web) -> None:
    for number in range(5):
        leave(world, reached_both_ways(world, f"Person {number}", web), topic=f"page/{number}")
    web.mode = "503"
    world.tick()
    assert len(web.ledger) == 5
    late = reached_both_ways(world, "Late Comer", web)
    leave(world, late, topic="page/77")
    world.tick()
    world.tick()
    assert len(web.ledger) == 5  # nothing more went there
    assert len(mail.to(late.email)) == 1  # the next way at once
    shown = world.browser(world.admin).get("/me/messages/").text
    assert "left alone" in shown
    web.mode = "ok"
    world.advance(minutes=2)
    assert "left alone" not in world.browser(world.admin).get("/me/messages/").text
    assert not Message.objects.filter(channel="webhook").exclude(state="sent").exists()


def test_only_one_probe_goes_to_a_provider_that_is_left_alone(world: World, mail, web: WebReceiver) -> None:
    web.mode = "503"
    for number in range(12):
        leave(world, reached_both_ways(world, f"Person {number}", web), topic=f"page/{number}")
        world.tick()
    before = len(web.ledger)
    world.traveller.shift(31)
    world.tick()
    assert len(web.ledger) == before + 1


def test_what_waits_for_a_dead_provider_for_long_has_failed(world: World, web: WebReceiver) -> None:
    web.mode = "503"
    for number in range(6):
        ben = world.person(f"Person {number}")
        hook_of(world, ben, web)
        leave(world, ben, topic=f"page/{number}")
    world.advance(minutes=16)
    assert set(Message.objects.filter(channel="webhook").values_list("state", flat=True)) == {"failed"}


def reached_both_ways(world: World, name: str, web: WebReceiver):
    person = world.person(name)
    hook: ContactMethod = hook_of(world, person, web)
    NotificationRule.objects.create(person=person, urgency="high", after_seconds=0, method=hook)
    later = letterbox_of(world, person)
    NotificationRule.objects.create(person=person, urgency="high", after_seconds=900, method=later)
    return person
