"""Invitations: a link, shown once, that lets one person in."""

import html
import re

from django.core import mail
from django.test import Client

from accounts.models import Invitation, User
from notifications.models import Message
from tests.world import PASSWORD, World

JOINING = {
    "name": "Eve Adams",
    "password": "entirely different words",
    "time_zone": "Asia/Shanghai",
    "language": "zh-hans",
}


def invite(world: World, **given: object) -> str:
    """The path of the link an administrator is shown."""
    body = {"email": "eve@example.com", "role": "manager", **given}
    answer = world.browser(world.admin).post("/settings/people/invite/", body)
    assert answer.status_code == 200, answer.content.decode()[-3000:]
    found = re.search(r"http://[^/]+(/join/\w+/)", html.unescape(answer.content.decode()))
    assert found
    return found[1]


def test_an_invited_person_chooses_a_password_and_is_in_the_team_and_signed_in(world: World, client: Client) -> None:
    team = world.team("Payments")
    link = invite(world, team=team.pk)
    page = client.get(link).content.decode()
    assert "eve@example.com" in page
    assert "Ada Admin" in page
    answer = client.post(link, JOINING)
    assert answer.status_code == 302
    eve = User.objects.get(email="eve@example.com")
    assert (eve.role, eve.time_zone, eve.language) == ("manager", "Asia/Shanghai", "zh-hans")
    assert list(eve.teams.all()) == [team]
    assert client.get("/settings/").status_code == 200
    assert Client().post("/accounts/login/", {"login": eve.email, "password": JOINING["password"]}).status_code == 302


def test_a_link_lets_one_person_in_once(world: World) -> None:
    link = invite(world)
    Client().post(link, JOINING)
    again = Client().post(link, JOINING)
    assert again.status_code == 404
    assert "This invitation is over" in again.content.decode()
    assert User.objects.filter(email="eve@example.com").count() == 1


def test_a_link_ends_after_seven_days(world: World, client: Client) -> None:
    link = invite(world)
    world.traveller.shift(7 * 24 * 3600)
    assert client.get(link).status_code == 404
    assert client.post(link, JOINING).status_code == 404


def test_a_second_invitation_ends_the_first(world: World, client: Client) -> None:
    first, second = invite(world), invite(world)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_the_link_is_mailed_and_shown_to_copy(world: World, client: Client) -> None:
    link = invite(world, name="Eve Adams")
    world.tick()
    (sent,) = mail.outbox
    assert sent.to == ["eve@example.com"]
    assert sent.subject == "Ada Admin invites you to Muster"
    assert "Hello Eve Adams," in sent.body
    assert link in sent.body
    assert client.get(link).status_code == 200


def test_without_a_mail_server_the_page_says_that_nothing_was_sent(world: World) -> None:
    world.settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    body = {"email": "eve@example.com", "role": "manager"}
    page = world.browser(world.admin).post("/settings/people/invite/", body).content.decode()
    assert "so nothing was sent" in page
    assert "Send this link to eve@example.com" in page
    assert not Message.objects.exists()


def test_inviting_again_keeps_the_name_and_says_that_the_earlier_link_ended(world: World) -> None:
    browser = world.browser(world.admin)
    body = {"email": "eve@example.com", "role": "manager"}
    assert "has ended" not in browser.post("/settings/people/invite/", {**body, "name": "Eve Adams"}).content.decode()
    assert "Its link has ended." in browser.post("/settings/people/invite/", body).content.decode()
    people = browser.get("/settings/people/").content.decode()
    assert "Eve Adams" in people
    assert people.count("eve@example.com") == 1
    world.tick()
    (sent,) = mail.outbox  # the mail with the link that ended was taken back in time
    assert "Hello Eve Adams," in sent.body


def test_an_invitation_is_taken_back(world: World, client: Client) -> None:
    link = invite(world)
    browser = world.browser(world.admin)
    assert "eve@example.com" in browser.get("/settings/people/").content.decode()
    row = Invitation.objects.get()
    assert browser.post(f"/settings/people/invitations/{row.pk}/revoke/").status_code == 302
    assert client.get(link).status_code == 404


def test_the_secret_of_a_link_is_nowhere_in_the_database(world: World) -> None:
    secret = invite(world).split("/")[2]
    row = Invitation.objects.values().get()
    assert secret not in repr(row)


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(world: World, client: Client) -> None:
    link = invite(world)
    answer = client.post(link, {**JOINING, "password": "password12", "time_zone": "Mars/Olympus"})
    assert answer.status_code == 422
    form = answer.context["form"]
    assert set(form.errors) == {"password", "time_zone"}
    assert "Eve Adams" in answer.content.decode()
    assert not User.objects.filter(email="eve@example.com").exists()


def test_somebody_who_has_an_account_is_not_invited_again(world: World) -> None:
    browser = world.browser(world.admin)
    answer = browser.post("/settings/people/invite/", {"email": "ADA.admin@example.com", "role": "viewer"})
    assert answer.status_code == 422
    assert "has an account with this address already" in answer.context["form"].errors["email"][0]


def test_a_wrong_address_or_role_is_told_at_the_field(world: World) -> None:
    answer = world.browser(world.admin).post("/settings/people/invite/", {"email": "eve", "role": "king"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"email", "role"}


def test_only_administrators_invite(world: World) -> None:
    ben = world.browser(world.person("Ben Blue", role="manager"))
    assert ben.get("/settings/people/invite/").status_code == 403
    assert (
        ben.post("/settings/people/invite/", {"email": "eve@example.com", "role": "administrator"}).status_code == 403
    )
    assert not Invitation.objects.exists()
    assert "new@example.com" not in ben.get("/settings/people/").content.decode()


def test_who_is_signed_in_is_asked_to_sign_out_before_joining(world: World) -> None:
    answer = world.browser(world.admin).get(invite(world))
    assert answer.status_code == 409
    assert "Sign out first" in answer.content.decode()


def test_an_invented_link_is_answered_with_dignity(world: World, client: Client) -> None:
    assert client.get("/join/invitation_nonsense/").status_code == 404
    assert PASSWORD not in client.get("/join/x/").content.decode()
