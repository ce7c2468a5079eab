"""People and roles: who may do what, and what an administrator decides."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from accounts import actions
from accounts.models import ApiToken, AuditEntry, User
from core.errors import Refused
from tests.world import PASSWORD, World


def test_everybody_finds_everybody(world: World) -> None:
    ben = world.person("Ben Blue", role="viewer")
    world.team("Payments", ben)
    page = world.browser(ben).get("/settings/people/", {"q": "ben"}).content.decode()
    assert "ben.blue@example.com" in page
    assert "Payments" in page
    assert "ada.admin@example.com" not in page
    assert world.browser(ben).get(f"/settings/people/{ben.pk}/").status_code == 200


@pytest.mark.parametrize("query", [{"role": "king"}, {"page": "x"}, {"page": "999"}, {"q": "%_'\\"}, {"show": "?"}])
def test_a_strange_filter_is_no_fault(world: World, query: dict[str, str]) -> None:
    assert world.browser(world.admin).get("/settings/people/", query).status_code == 200


def test_an_administrator_gives_another_role(world: World) -> None:
    ben = world.person("Ben Blue")
    browser = world.browser(world.admin)
    assert browser.post(f"/settings/people/{ben.pk}/role/", {"role": "manager"}).status_code == 302
    ben.refresh_from_db()
    assert ben.role == "manager"
    line = AuditEntry.objects.get(verb="change role")
    assert (line.actor, line.before, line.after) == (world.admin, {"role": "responder"}, {"role": "manager"})
    assert browser.post(f"/settings/people/{ben.pk}/role/", {"role": "king"}).status_code == 422


def test_nobody_else_gives_roles(world: World) -> None:
    ben = world.person("Ben Blue", role="manager")
    browser = world.browser(ben)
    for path, body in (
        ("role", {"role": "administrator"}),
        ("deactivate", {}),
        ("reactivate", {}),
        ("second-factor/reset", {}),
    ):
        assert browser.post(f"/settings/people/{ben.pk}/{path}/", body).status_code == 403
    assert browser.post(f"/settings/people/{world.admin.pk}/", {"name": "X"}).status_code == 403
    ben.refresh_from_db()
    assert ben.role == "manager"


def test_the_last_administrator_stays(world: World) -> None:
    browser = world.browser(world.admin)
    demoted = browser.post(f"/settings/people/{world.admin.pk}/role/", {"role": "viewer"})
    assert demoted.status_code == 409
    assert "is the last administrator" in demoted.content.decode()
    assert browser.post(f"/settings/people/{world.admin.pk}/deactivate/").status_code == 409
    world.admin.refresh_from_db()
    assert world.admin.is_administrator


def test_with_a_second_administrator_the_first_may_go(world: World) -> None:
    world.person("Ben Blue", role="administrator")
    assert world.browser(world.admin).post(f"/settings/people/{world.admin.pk}/deactivate/").status_code == 302
    world.admin.refresh_from_db()
    assert not world.admin.is_active


def test_a_deactivated_person_comes_back_without_their_tokens(world: World) -> None:
    ben = world.person("Ben Blue")
    world.program(ben)
    browser = world.browser(world.admin)
    browser.post(f"/settings/people/{ben.pk}/deactivate/")
    assert "ben.blue@example.com" not in browser.get("/settings/people/").content.decode()
    assert "ben.blue@example.com" in browser.get("/settings/people/", {"show": "deactivated"}).content.decode()
    browser.post(f"/settings/people/{ben.pk}/reactivate/")
    assert Client().post("/accounts/login/", {"login": ben.email, "password": PASSWORD}).status_code == 302
    assert not ApiToken.objects.filter(person=ben, revoked_at=None).exists()


def test_an_administrator_corrects_a_person(world: World) -> None:
    ben = world.person("Ben Blue")
    browser = world.browser(world.admin)
    body = {"name": "Benedikt Blue", "email": "BEN@example.com", "time_zone": "Europe/Berlin"}
    assert browser.post(f"/settings/people/{ben.pk}/", body).status_code == 302
    ben.refresh_from_db()
    assert (ben.name, ben.email, ben.time_zone) == ("Benedikt Blue", "ben@example.com", "Europe/Berlin")
    taken = browser.post(f"/settings/people/{ben.pk}/", {**body, "email": "ada.admin@example.com"})
    assert taken.status_code == 422
    assert "There is an account" in taken.context["form"].errors["email"][0]
    wrong = browser.post(f"/settings/people/{ben.pk}/", {"name": "", "email": "x", "time_zone": "Mars"})
    assert set(wrong.context["form"].errors) == {"name", "email", "time_zone"}


def test_an_administrator_ends_the_token_of_another(world: World) -> None:
    ben = world.person("Ben Blue")
    program = world.program(ben)
    token = ApiToken.objects.get(person=ben)
    answer = world.browser(world.admin).post(f"/settings/tokens/{token.pk}/revoke/")
    assert answer.url == f"/settings/people/{ben.pk}/"
    assert program.get("/me").status_code == 401


def test_a_person_says_who_they_are_and_how_they_want_to_see(world: World) -> None:
    ben = world.person("Ben Blue")
    browser = world.browser(ben)
    body = {"name": "Ben B.", "time_zone": "Asia/Kolkata", "language": "zh-hans", "theme": "dark", "email": ben.email}
    assert browser.post("/settings/profile/", body).status_code == 302
    page = browser.get("/settings/profile/").content.decode()
    assert 'lang="zh-hans"' in page
    assert 'data-theme="dark"' in page
    assert 'data-zone="Asia/Kolkata"' in page


def test_a_new_e_mail_address_takes_the_password(world: World) -> None:
    ben = world.person("Ben Blue")
    browser = world.browser(ben)
    body = {"name": ben.name, "time_zone": "UTC", "language": "auto", "theme": "auto", "email": "b@example.com"}
    assert "password" in browser.post("/settings/profile/", body).context["form"].errors
    assert "password" in browser.post("/settings/profile/", {**body, "password": "guess"}).context["form"].errors
    assert browser.post("/settings/profile/", {**body, "password": PASSWORD}).status_code == 302
    assert Client().post("/accounts/login/", {"login": "b@example.com", "password": PASSWORD}).status_code == 302
    old = Client().post("/accounts/login/", {"login": "ben.blue@example.com", "password": PASSWORD})
    assert old.status_code == 422


def test_a_wrong_profile_is_told_at_the_fields(world: World) -> None:
    body = {"name": "", "time_zone": "Nowhere", "language": "tlh", "theme": "pink", "email": "ada.admin@example.com"}
    answer = world.browser(world.admin).post("/settings/profile/", body)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "time_zone", "language", "theme"}


def test_every_time_zone_can_be_chosen(world: World) -> None:
    page = world.browser(world.admin).get("/settings/profile/").content.decode()
    for zone in ("Asia/Kathmandu", "America/Argentina/Ushuaia", "Pacific/Chatham", "UTC"):
        assert f'value="{zone}"' in page


def test_the_settings_page_leads_everywhere_its_reader_may_go(world: World) -> None:
    for person in (world.admin, world.person("Vic Viewer", role="viewer")):
        browser = world.browser(person)
        page = browser.get("/settings/")
        ways = [way["address"] for column in page.context["columns"] for _title, ways in column for way in ways]
        assert len(ways) > 8
        assert ("/settings/audit/" in ways) == person.is_administrator
        for address in ways:
            assert browser.get(address, follow=True).status_code == 200, address


def test_nobody_is_anybody_without_signing_in(world: World, client: Client) -> None:
    for path in ("", "profile/", "sessions/", "tokens/", "people/", "people/invite/", "teams/", "teams/new/", "audit/"):
        assert client.get(f"/settings/{path}").status_code == 302
    assert User.objects.count() == 1


def test_two_administrators_cannot_demote_each_other_at_the_same_moment(committed_world: World) -> None:
    first, second = committed_world.admin, committed_world.person("Ben Blue", role="administrator")
    at, start = committed_world.now, Barrier(2)

    def demote(person: User, actor: User) -> str:
        try:
            start.wait(timeout=10)
            actions.change_role(person, "viewer", actor=actor, at=at)
        except Refused as refused:
            return refused.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(demote, first, second), pool.submit(demote, second, first)]
        assert sorted(run.result(timeout=20) for run in runs) == ["done", "last_administrator"]
    assert User.objects.filter(role="administrator").count() == 1
