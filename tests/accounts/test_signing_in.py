"""How people come in, stay in and go out."""

import re

import pytest
from django.core import mail
from django.test import Client

from accounts import tokens
from accounts.models import AuditEntry, User
from tests.world import PASSWORD, World

LOGIN = "/accounts/login/"


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str):
    return client.post(LOGIN, {"login": email, "password": password, **more})


def test_a_person_signs_in_with_their_e_mail_address_and_password(world: World, client: Client) -> None:
    door = client.get(LOGIN)
    assert door.status_code == 200
    assert "E-mail address" in door.content.decode()
    assert "E-mail address" in client.get("/accounts/password/reset/").content.decode()
    answer = sign_in(client, "Ada.Admin@Example.com")
    assert answer.status_code == 302
    assert client.get("/settings/").status_code == 200


def test_a_wrong_password_is_told_at_the_form_and_the_address_stays_typed(world: World, client: Client) -> None:
    answer = sign_in(client, "ada.admin@example.com", "wrong password")
    assert answer.status_code == 422
    assert "ada.admin@example.com" in answer.content.decode()
    assert client.get("/settings/").status_code == 302


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page_and_back(world: World, client: Client) -> None:
    answer = client.get("/settings/people/")
    assert answer.url == "/accounts/login/?next=/settings/people/"
    assert sign_in(client, "ada.admin@example.com", next="/settings/people/").url == "/settings/people/"


def test_signing_in_never_leads_to_another_host(world: World, client: Client) -> None:
    assert "evil" not in sign_in(client, "ada.admin@example.com", next="https://evil.example/").url


def test_nobody_signs_up_by_themselves(world: World, client: Client) -> None:
    page = client.get("/accounts/signup/")
    assert page.status_code == 200
    assert 'type="password"' not in page.content.decode()
    client.post("/accounts/signup/", {"email": "eve@example.com", "password1": "long enough words"})
    assert not User.objects.filter(email="eve@example.com").exists()


def test_signing_out_takes_a_post(world: World) -> None:
    browser = world.browser(world.admin)
    browser.get("/accounts/logout/")
    assert browser.get("/settings/").status_code == 200
    browser.post("/accounts/logout/")
    assert browser.get("/settings/").status_code == 302


def test_guessing_is_slowed_down_for_the_guesser_only(world: World) -> None:
    stranger, owner = Client(REMOTE_ADDR="203.0.113.9"), Client(REMOTE_ADDR="198.51.100.4")
    for attempt in range(8):
        last = sign_in(stranger, "ADA.admin@example.com" if attempt % 2 else "ada.admin@example.com", "guess")
    assert "Too many tries. Wait a few minutes" in last.content.decode()
    assert "Too many tries" in sign_in(stranger, "ada.admin@example.com").content.decode()
    assert sign_in(owner, "ada.admin@example.com").status_code == 302


def test_the_guesser_may_try_again_after_a_while(world: World) -> None:
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    for _attempt in range(7):
        sign_in(stranger, "ada.admin@example.com", "guess")
    world.traveller.shift(6 * 60)
    assert sign_in(stranger, "ada.admin@example.com").status_code == 302


def test_signing_in_works_while_redis_is_stopped(world: World, client: Client) -> None:
    world.settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert sign_in(client, "ada.admin@example.com").status_code == 302


def test_behind_a_proxy_the_address_is_what_the_proxy_saw(world: World) -> None:
    world.settings.BEHIND_PROXY = True
    browser = world.browser(world.admin)
    headers = {"X-Forwarded-For": "1.2.3.4, 198.51.100.7"}
    browser.post("/settings/teams/new/", {"name": "Payments"}, headers=headers)
    assert AuditEntry.objects.get(verb="add team").address == "198.51.100.7"


def test_a_forgotten_password_is_chosen_anew_by_a_mailed_link(world: World, client: Client) -> None:
    assert client.get("/accounts/password/reset/").status_code == 200
    done = client.post("/accounts/password/reset/", {"email": "ada.admin@example.com"}, follow=True)
    assert done.status_code == 200
    link = re.search(r"http\S+/accounts/password/reset/key/\S+", mail.outbox[0].body)
    assert link
    path = "/" + link[0].split("/", 3)[3]
    page = client.get(path, follow=True)
    new = "entirely different words"
    answer = client.post(page.request["PATH_INFO"], {"password1": new, "password2": new}, follow=True)
    assert answer.status_code == 200
    assert sign_in(Client(), "ada.admin@example.com", new).status_code == 302


def test_whether_an_address_has_an_account_is_not_told(world: World, client: Client) -> None:
    known = client.post("/accounts/password/reset/", {"email": "ada.admin@example.com"}, follow=True)
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.com"}, follow=True)
    assert known.redirect_chain == unknown.redirect_chain


def test_a_new_password_ends_every_other_session(world: World) -> None:
    here, there = Client(), Client()
    for browser in (here, there):
        sign_in(browser, "ada.admin@example.com")
    new = "entirely different words"
    answer = here.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}, follow=True
    )
    assert answer.status_code == 200
    assert here.get("/settings/").status_code == 200
    assert there.get("/settings/").status_code == 302


def test_one_session_can_be_ended_from_another(world: World) -> None:
    here, there = Client(), Client(headers={"user-agent": "A telephone"})
    for browser in (here, there):
        sign_in(browser, "ada.admin@example.com")
    page = here.get("/settings/sessions/").content.decode()
    assert "A telephone" in page
    numbers = re.findall(r"/settings/sessions/(\d+)/end/", page)
    assert len(numbers) == 1
    here.post(f"/settings/sessions/{numbers[0]}/end/")
    assert there.get("/settings/").status_code == 302
    assert here.get("/settings/").status_code == 200


def test_all_other_sessions_can_be_ended_at_once(world: World) -> None:
    here, there, elsewhere = Client(), Client(), Client()
    for browser in (here, there, elsewhere):
        sign_in(browser, "ada.admin@example.com")
    here.post("/settings/sessions/end/")
    assert here.get("/settings/").status_code == 200
    assert {browser.get("/settings/").status_code for browser in (there, elsewhere)} == {302}


def test_nobody_ends_the_session_of_somebody_else(world: World) -> None:
    theirs, mine = Client(), Client()
    sign_in(theirs, "ada.admin@example.com")
    world.person("Ben Blue")
    sign_in(mine, "ben.blue@example.com")
    from allauth.usersessions.models import UserSession

    row = UserSession.objects.get(user=world.admin)
    assert mine.post(f"/settings/sessions/{row.pk}/end/").status_code == 404
    assert theirs.get("/settings/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/inactive/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/done/",
        "/accounts/confirm-email/",
        "/accounts/3rdparty/login/cancelled/",
        "/accounts/3rdparty/login/error/",
        "/accounts/signup/",
    ],
)
def test_every_page_at_the_door_is_shown(world: World, client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {200, 401}
    assert "</html>" in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/accounts/password/change/", None),
        ("/accounts/logout/", None),
        ("/accounts/2fa/", None),
        ("/accounts/2fa/totp/activate/", None),
        ("/accounts/2fa/webauthn/", None),
        ("/accounts/2fa/webauthn/add/", None),
        ("/accounts/2fa/recovery-codes/generate/", None),
        ("/accounts/reauthenticate/", None),
        ("/accounts/3rdparty/", None),
        ("/accounts/email/", "/settings/profile/"),
        ("/accounts/sessions/", "/settings/sessions/"),
    ],
)
def test_every_page_of_the_own_account_is_shown(world: World, client: Client, path: str, leads_to: str | None) -> None:
    sign_in(client, "ada.admin@example.com")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = client.get(path, follow=True)
    assert answer.status_code == 200
    assert "</html>" in answer.content.decode()
    if leads_to:
        assert answer.redirect_chain[-1][0] == leads_to


def test_an_authenticator_app_becomes_the_second_factor(world: World, client: Client) -> None:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    def code(secret: str) -> str:
        return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))

    sign_in(client, "ada.admin@example.com")
    ask = client.get("/accounts/2fa/totp/activate/")
    assert client.get(ask.url).status_code == 200
    client.post(ask.url, {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert "This is not the code." in wrong.content.decode()
    assert client.post("/accounts/2fa/totp/activate/", {"code": code(secret)}).status_code == 302
    assert client.get("/accounts/2fa/recovery-codes/").status_code == 200
    assert client.get("/accounts/2fa/totp/deactivate/").status_code == 200

    other = Client()
    step = sign_in(other, "ada.admin@example.com")
    assert step.url.startswith("/accounts/2fa/authenticate/")
    assert other.get("/settings/").status_code == 302
    assert other.get(step.url).status_code == 200
    world.traveller.shift(60)
    assert other.post(step.url, {"code": code(secret)}).status_code == 302
    assert other.get("/settings/").status_code == 200


def test_a_lost_second_factor_is_forgotten_by_an_administrator(world: World) -> None:
    from allauth.mfa.models import Authenticator

    ben = world.person("Ben Blue")
    Authenticator.objects.create(user=ben, type="totp", data={"secret": "x"})
    browser = world.browser(world.admin)
    assert "Forget second factor" in browser.get(f"/settings/people/{ben.pk}/").content.decode()
    browser.post(f"/settings/people/{ben.pk}/second-factor/reset/")
    assert not Authenticator.objects.filter(user=ben).exists()
    assert browser.post(f"/settings/people/{ben.pk}/second-factor/reset/").status_code == 409


def test_a_deactivated_person_can_neither_sign_in_nor_use_a_token(world: World) -> None:
    ben = world.person("Ben Blue")
    theirs, program = Client(), world.program(ben)
    sign_in(theirs, ben.email)
    assert program.get("/me").status_code == 200
    world.browser(world.admin).post(f"/settings/people/{ben.pk}/deactivate/")
    assert theirs.get("/settings/").status_code == 302
    assert program.get("/me").status_code == 401
    assert sign_in(Client(), ben.email).status_code != 302 or "inactive" in sign_in(Client(), ben.email).url
    ben.refresh_from_db()
    with pytest.raises(Exception, match="no active account"):
        tokens.create_token(ben, name="x", at=world.now)
