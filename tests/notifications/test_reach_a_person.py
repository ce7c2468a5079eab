"""A person says how they can be reached: pages and API."""

import re
import time
from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from notifications import signing
from notifications.models import ContactMethod, Message, NotificationRule
from tests.receivers import MailCatcher, WebReceiver
from tests.world import World

PAGE = "/me/contact/"


def code_in(mail: MailCatcher, address: str) -> str:
    found = re.search(r"\b\d{6}\b", mail.to(address)[-1].get_body(("plain",)).get_content())
    assert found
    return found[0]


def test_a_new_person_finds_the_e_mail_of_their_account_in_place(world: World, client) -> None:
    ben = world.person("Ben Ops")
    shown = world.browser(ben).get(PAGE)
    assert shown.status_code == 200
    assert "ben.ops@example.com" in shown.text
    assert "every verified contact method is used at once" in shown.text
    assert ContactMethod.objects.get().verified_at == world.now


def test_a_method_is_added_shown_to_work_by_its_code_and_then_used(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    browser = world.browser(ben)
    browser.get(PAGE)
    answer = browser.post(PAGE, {"channel": "email", "address": "ben@home.example.org", "label": "home"})
    assert answer.status_code == 302
    world.tick()
    shown = browser.get(answer["Location"])
    assert "Six digits were sent there" in shown.text
    code = code_in(mail, "ben@home.example.org")
    assert code not in shown.text
    wrong = browser.post(answer["Location"], {"code": "000000" if code != "000000" else "111111"})
    assert wrong.status_code == 422
    assert "not the code that was sent" in wrong.text
    assert browser.post(answer["Location"], {"code": f" {code[:3]} {code[3:]} "}).status_code == 302
    method = ContactMethod.objects.get(label="home")
    assert method.verified_at == world.now
    assert AuditEntry.objects.filter(verb="contact method verified", actor=ben).count() == 1


def test_five_wrong_codes_end_the_code(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    browser = world.browser(ben)
    where = browser.post(PAGE, {"channel": "email", "address": "b@example.org"})["Location"]
    world.tick()
    code = code_in(mail, "b@example.org")
    wrong = "111111" if code != "111111" else "222222"
    for _ in range(5):
        browser.post(where, {"code": wrong})
    answer = browser.post(where, {"code": code})
    assert answer.status_code == 422
    assert "too many wrong codes" in answer.text
    browser.post(f"{where}code/")
    world.tick()
    assert browser.post(where, {"code": code_in(mail, "b@example.org")}).status_code == 302


def test_a_code_ends_after_a_quarter_of_an_hour(world: World, mail: MailCatcher) -> None:
    browser = world.browser(world.person("Ben Ops"))
    where = browser.post(PAGE, {"channel": "email", "address": "b@example.org"})["Location"]
    world.tick()
    world.traveller.shift(15 * 60)
    answer = browser.post(where, {"code": code_in(mail, "b@example.org")})
    assert answer.status_code == 422
    assert "has ended" in answer.text


def test_nobody_floods_an_address_with_codes(world: World, mail: MailCatcher) -> None:
    browser = world.browser(world.person("Ben Ops"))
    where = browser.post(PAGE, {"channel": "email", "address": "victim@example.org"})["Location"]
    statuses = []
    for _ in range(8):
        world.traveller.shift(1)
        statuses.append(browser.post(f"{where}code/").status_code)
    assert statuses == [302] * 5 + [429] * 3


@pytest.mark.parametrize(
    ("channel", "address", "sentence"),
    [
        ("email", "not an address", "not an e-mail address"),
        ("email", "a@b.example\nBcc: x@example.org", "not an e-mail address"),
        ("email", "", "Fill this in"),
        ("webhook", "http://127.0.0.1/", "private or loopback"),
        ("webhook", "http://169.254.169.254/", "metadata"),
        ("webhook", "ftp://example.com/", "begins with https"),
        ("webhook", "http://user:secret@example.com/", "user names and passwords"),
        ("webhook", "https://example.com:22/", "Port 22"),
        ("slack", "ben", "member id"),
        ("slack", "U012ABCDEF", "MUSTER_SLACK_BOT_TOKEN"),
        ("slack", "http://127.0.0.1/services/T/B/x", "private or loopback"),
        ("teams", "http://10.0.0.1/flow", "private or loopback"),
        ("mattermost", "chat.example.com", "begins with https"),
        ("ntfy", "https://ntfy.example.com/", "looks like"),
        ("pigeon", "loft", "Choose one of those that are offered"),
    ],
)
def test_a_wrong_address_is_told_at_its_field_and_kept(world: World, settings, channel, address, sentence) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    ben = world.person("Ben Ops")
    answer = world.browser(ben).post(PAGE, {"channel": channel, "address": address, "label": "my label"})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "my label" in answer.text
    told = world.program().post(f"/users/{ben.pk}/contact-methods/", {"channel": channel, "address": address})
    assert told.status_code == 400
    assert not ContactMethod.objects.exclude(address=ben.email).exists()


def test_the_same_address_is_not_added_twice(world: World) -> None:
    ben = world.person("Ben Ops")
    browser = world.browser(ben)
    browser.get(PAGE)
    answer = browser.post(PAGE, {"channel": "email", "address": "BEN.OPS@example.com"})
    assert answer.status_code == 422
    assert "stands in the list already" in answer.text


def test_the_last_way_to_reach_somebody_stays(world: World) -> None:
    ben = world.person("Ben Ops")
    browser = world.browser(ben)
    browser.get(PAGE)
    only = ContactMethod.objects.get()
    answer = browser.post(f"{PAGE}{only.pk}/remove/")
    assert answer.status_code == 409
    assert "last verified way" in answer.text
    other = ContactMethod.objects.create(person=ben, channel="email", address="b@example.org", verified_at=world.now)
    assert browser.post(f"{PAGE}{only.pk}/remove/").status_code == 302
    assert list(ContactMethod.objects.all()) == [other]


def test_a_test_message_arrives_like_a_page(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    browser = world.browser(ben)
    browser.get(PAGE)
    method = ContactMethod.objects.get()
    assert browser.post(f"{PAGE}{method.pk}/test/").status_code == 302
    world.tick()
    assert len(mail.to(ben.email)) == 1
    assert "Test: Muster can reach you here" in browser.get(f"{PAGE}{method.pk}/").text
    ContactMethod.objects.update(verified_at=None)
    assert browser.post(f"{PAGE}{method.pk}/test/").status_code == 409


def test_methods_of_others_are_not_there(world: World) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    method = ContactMethod.objects.create(person=ben, channel="email", address=ben.email, verified_at=world.now)
    rule = NotificationRule.objects.create(person=ben, urgency="high", after_seconds=0, method=method)
    nosy = world.browser(cleo)
    assert nosy.get(f"{PAGE}{method.pk}/").status_code == 404
    for path in (f"{method.pk}/remove/", f"{method.pk}/test/", f"{method.pk}/secret/", f"{method.pk}/code/"):
        assert nosy.post(f"{PAGE}{path}").status_code == 404
    assert nosy.post(f"{PAGE}rules/{rule.pk}/remove/").status_code == 404
    assert ContactMethod.objects.filter(pk=method.pk).exists()


def test_rules_by_urgency_are_added_and_removed(world: World) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    browser = world.browser(ben)
    browser.get(PAGE)
    method = ContactMethod.objects.get()
    foreign = ContactMethod.objects.create(person=cleo, channel="email", address="c@example.org", verified_at=world.now)
    add = f"{PAGE}rules/high/add/"
    assert browser.post(add, {"high-after_seconds": "300", "high-method": method.pk}).status_code == 302
    assert "after 5 min" in browser.get(PAGE).text
    again = browser.post(add, {"high-after_seconds": "300", "high-method": method.pk})
    assert again.status_code == 422
    assert "stands already" in again.text
    assert browser.post(add, {"high-after_seconds": "7", "high-method": method.pk}).status_code == 422
    assert browser.post(add, {"high-after_seconds": "60", "high-method": foreign.pk}).status_code == 422
    assert browser.post(f"{PAGE}rules/odd/add/", {}).status_code == 404
    rule = NotificationRule.objects.get()
    assert browser.post(f"{PAGE}rules/{rule.pk}/remove/").status_code == 302
    assert not NotificationRule.objects.exists()


def test_the_shown_example_checks_the_signatures_that_arrive(world: World, web: WebReceiver, settings) -> None:
    ben = world.person("Ben Ops")
    method = ContactMethod.objects.create(person=ben, channel="webhook", address=web.url(), verified_at=world.now)
    browser = world.browser(ben)
    where = f"{PAGE}{method.pk}/"
    old = signing.secret(method.owner, 1)
    assert old in browser.get(where).text
    space: dict = {}
    exec(signing.EXAMPLE, space)
    check = space["is_from_muster"]

    browser.post(f"{where}test/")
    world.tick()
    came = web.ledger.rows[-1]
    header = came.headers["muster-signature"]
    assert check(old, header, came.raw)
    assert not check(old, header, came.raw + b" ")
    assert not check("other", header, came.raw)
    world.traveller.shift(301)
    assert not check(old, header, came.raw)

    assert browser.post(f"{where}secret/").status_code == 302
    new = signing.secret(method.owner, 2)
    assert old != new in browser.get(where).text
    browser.post(f"{where}test/")
    world.tick()
    came = web.ledger.rows[-1]
    assert check(old, came.headers["muster-signature"], came.raw)
    assert check(new, came.headers["muster-signature"], came.raw)

    world.traveller.shift(timedelta(days=1))
    browser.post(f"{where}test/")
    world.tick()
    came = web.ledger.rows[-1]
    assert not check(old, came.headers["muster-signature"], came.raw)
    assert check(new, came.headers["muster-signature"], came.raw)

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key of the installation", [settings.SECRET_KEY]
    from notifications import actions

    actions.send_test(method, at=world.now + timedelta(seconds=1))
    world.traveller.shift(2)
    world.tick()
    came = web.ledger.rows[-1]
    assert check(new, came.headers["muster-signature"], came.raw)
    assert time.time() > 0


def test_a_webhook_is_verified_by_the_code_in_its_json(world: World, web: WebReceiver) -> None:
    browser = world.browser(world.person("Ben Ops"))
    where = browser.post(PAGE, {"channel": "webhook", "address": web.url()})["Location"]
    world.tick()
    assert browser.post(where, {"code": web.ledger.rows[0].body["code"]}).status_code == 302


def test_somebody_made_by_the_api_with_an_e_mail_and_nothing_else_can_be_reached(world: World) -> None:
    program = world.program()
    made = program.post("/users/", {"email": "new@example.com", "name": "New Person"})
    assert made.status_code == 201
    (method,) = made.json()["contact_methods"]
    assert (method["channel"], method["address"], method["verified"]) == ("email", "new@example.com", True)
    listed = program.get("/users/", email="new@example.com").json()["results"]
    assert listed[0]["contact_methods"] == [method]


def test_people_are_written_with_their_contact_methods(world: World, settings) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    program = world.program()
    hook = {"channel": "webhook", "address": "http://127.0.0.1:9999/hook", "verified": True}
    made = program.post("/users", {"email": "new@example.com", "name": "New", "contact_methods": [hook]})
    assert made.status_code == 201
    assert [(m["channel"], m["verified"]) for m in made.json()["contact_methods"]] == [
        ("email", True),
        ("webhook", True),
    ]
    path = f"/users/{made.json()['id']}/"
    changed = program.patch(path, {"contact_methods": [hook]})
    assert [m["channel"] for m in changed.json()["contact_methods"]] == ["webhook"]
    bad = program.patch(path, {"contact_methods": [{"channel": "email", "address": "nonsense"}]})
    assert bad.status_code == 400
    assert [m["channel"] for m in program.get(path).json()["contact_methods"]] == ["webhook"]


def test_an_administrator_vouches_and_others_cannot(world: World, settings, mail: MailCatcher) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    ben = world.person("Ben Ops")
    path = f"/users/{ben.pk}/contact-methods"
    body = {"channel": "webhook", "address": "http://127.0.0.1:9999/", "label": "pager", "verified": True}
    made = world.program().post(path, body)
    assert made.status_code == 201
    assert made.json()["verified"] is True
    assert made.json()["signing_secret"].startswith("mws_")
    own = world.program(ben)
    refused = own.post(path, {**body, "address": "http://127.0.0.1:9998/"})
    assert refused.status_code == 403
    assert "Only an administrator can vouch" in refused.json()["detail"]
    added = own.post(f"{path}/", {"channel": "email", "address": "b@example.org"})
    assert (added.status_code, added.json()["verified"]) == (201, False)
    world.tick()
    one = f"{path}/{added.json()['id']}"
    assert own.post(f"{one}/verify", {"code": "12"}).status_code == 400
    assert own.post(f"{one}/verify", {"code": code_in(mail, "b@example.org")}).json()["verified"] is True
    assert own.post(f"{one}/test").status_code == 202
    assert own.post(f"{one}/send-code").status_code == 409
    assert own.client.delete(f"/api/v1{one}/").status_code == 204


def test_others_see_addresses_masked_and_change_nothing(world: World, settings) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    hook = ContactMethod.objects.create(
        person=ben, channel="webhook", address="http://127.0.0.1:9999/secret-path", verified_at=world.now
    )
    nosy = world.program(cleo)
    path = f"/users/{ben.pk}/contact-methods/"
    shown = nosy.get(path).json()["results"][0]
    assert shown["address"] == "http://127.0.0.1/…"
    assert "signing_secret" not in nosy.get(f"{path}{hook.pk}/").json()
    assert "secret-path" not in nosy.get(f"/users/{ben.pk}/").text
    assert nosy.post(path, {"channel": "email", "address": "evil@example.org"}).status_code == 403
    assert nosy.delete(f"{path}{hook.pk}/").status_code == 403
    assert nosy.post(f"{path}{hook.pk}/rotate-secret/").status_code == 403
    assert nosy.get("/users/999999999999999999999999/contact-methods/").status_code == 404
    rotated = world.program(ben).post(f"{path}{hook.pk}/rotate-secret/")
    assert rotated.json()["signing_secret"] == signing.secret(hook.owner, 2)


def test_rules_through_the_api(world: World) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    mine = ContactMethod.objects.create(person=ben, channel="email", address=ben.email, verified_at=world.now)
    foreign = ContactMethod.objects.create(person=cleo, channel="email", address=cleo.email, verified_at=world.now)
    program, path = world.program(ben), f"/users/{ben.pk}/notification-rules/"
    made = program.post(path, {"urgency": "high", "after_seconds": 60, "method": mine.pk})
    assert made.status_code == 201
    assert program.post(path, {"urgency": "high", "after_seconds": 60, "method": mine.pk}).status_code == 409
    for wrong in (
        {"urgency": "odd", "method": mine.pk},
        {"urgency": "high", "after_seconds": -1, "method": mine.pk},
        {"urgency": "high", "after_seconds": 10**30, "method": mine.pk},
        {"urgency": "high", "method": foreign.pk},
        {"urgency": "high", "method": 0},
        {},
    ):
        assert program.post(path, wrong).status_code == 400
    assert len(program.get(path).json()["results"]) == 1
    assert world.program(cleo).delete(f"{path}{made.json()['id']}/").status_code == 403
    assert program.delete(f"{path}{made.json()['id']}/").status_code == 204


def test_the_outbox_is_for_administrators(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    browser = world.browser(ben)
    browser.get(PAGE)
    method = ContactMethod.objects.get()
    mail.answers[ben.email] = "550 no such user"
    browser.post(f"{PAGE}{method.pk}/test/")
    world.tick()
    message = Message.objects.get()
    assert browser.get("/me/messages/").status_code == 403
    assert world.program(ben).get("/messages/").status_code == 403

    admin = world.browser(world.admin)
    shown = admin.get("/me/messages/")
    assert "550 no such user" in shown.text
    assert "Nothing like that" in admin.get("/me/messages/?state=sent").text
    assert admin.get("/me/messages/?state=odd").status_code == 422
    assert "Test: Muster" in admin.get("/me/messages/?q=ben&before=99999").text
    program = world.program()
    (row,) = program.get("/messages/", state="failed", person=ben.pk).json()["results"]
    assert row["tries"][0]["outcome"] == "gave_up"
    assert program.get("/messages/", state="odd").status_code == 400
    mail.answers.clear()
    assert admin.post(f"/me/messages/{message.pk}/again/").status_code == 302
    again = program.post(f"/messages/{message.pk}/send-again/")
    assert again.status_code == 201
    world.tick()
    assert len(mail.to(ben.email)) == 2
    assert program.post(f"/messages/{again.json()['id']}/send-again").status_code == 409


def test_the_outbox_before_anything_was_sent(world: World) -> None:
    assert "Nothing was sent yet" in world.browser(world.admin).get("/me/messages/").text
