"""Teams: who owns services and answers for them."""

from accounts.models import AuditEntry, Team
from tests.world import World


def test_a_manager_makes_a_team_and_people_join_it(world: World) -> None:
    ben, mei = world.person("Ben Blue", role="manager"), world.person("Mei Chen")
    browser = world.browser(ben)
    made = browser.post("/settings/teams/new/", {"name": "Payments", "description": "Money."})
    assert made.url == "/settings/teams/payments/"
    browser.post(made.url, {"person": mei.pk, "is_lead": "on"})
    browser.post(made.url, {"person": ben.pk})
    page = browser.get(made.url).content.decode()
    assert "Mei Chen" in page
    assert "Lead" in page
    assert "Payments" in browser.get("/settings/teams/").content.decode()
    assert AuditEntry.objects.filter(verb="change team", actor=ben).count() == 2


def test_leads_come_and_go(world: World) -> None:
    ben = world.person("Ben Blue")
    team = world.team("Payments", ben)
    browser, path = world.browser(world.admin), f"/settings/teams/payments/members/{ben.pk}/"
    browser.post(path, {"is_lead": "1"})
    assert team.memberships.get().is_lead
    browser.post(path, {"is_lead": "0"})
    assert not team.memberships.get().is_lead
    browser.post(path, {"remove": "1"})
    assert not team.memberships.exists()
    assert browser.post(path, {"is_lead": "maybe"}).status_code == 422


def test_a_team_may_have_a_name_in_any_script(world: World) -> None:
    browser = world.browser(world.admin)
    assert browser.post("/settings/teams/new/", {"name": "支付团队"}).url == "/settings/teams/team/"
    assert browser.post("/settings/teams/new/", {"name": "订单团队"}).url == "/settings/teams/team-2/"
    assert browser.post("/settings/teams/new/", {"name": "911"}).url == "/settings/teams/team-911/"
    assert browser.post("/settings/teams/new/", {"name": "New"}).url == "/settings/teams/team-new/"


def test_a_name_is_given_once(world: World) -> None:
    world.team("Payments")
    answer = world.browser(world.admin).post("/settings/teams/new/", {"name": "PAYMENTS", "description": "Kept."})
    assert answer.status_code == 422
    assert "already" in answer.context["form"].errors["name"][0]
    assert "Kept." in answer.content.decode()


def test_a_team_is_renamed_and_keeps_its_address(world: World) -> None:
    world.team("Payments")
    browser = world.browser(world.admin)
    assert browser.get("/settings/teams/payments/edit/").status_code == 200
    assert browser.post("/settings/teams/payments/edit/", {"name": "Money"}).url == "/settings/teams/payments/"
    assert Team.objects.get().name == "Money"


def test_a_team_that_owns_something_is_not_removed(world: World) -> None:
    team = world.team("Payments")
    world.service("Checkout", owner=team)
    browser = world.browser(world.admin)
    refused = browser.post("/settings/teams/payments/remove/")
    assert refused.status_code == 409
    assert "Checkout" in refused.content.decode()
    team.services.update(owner=None)
    assert browser.post("/settings/teams/payments/remove/").status_code == 302
    assert not Team.objects.exists()


def test_a_team_that_a_policy_pages_is_not_removed(world: World) -> None:
    from oncall.models import EscalationPolicy, Step, Target

    team = world.team("Payments")
    step = Step.objects.create(policy=EscalationPolicy.objects.create(name="Days"), position=0)
    Target.objects.create(step=step, kind="team", team=team)
    assert world.browser(world.admin).post("/settings/teams/payments/remove/").status_code == 409


def test_a_responder_only_looks(world: World) -> None:
    ben = world.person("Ben Blue")
    world.team("Payments", ben)
    browser = world.browser(ben)
    assert browser.get("/settings/teams/payments/").status_code == 200
    assert browser.get("/settings/teams/new/").status_code == 403
    for path in ("payments/", "payments/remove/", f"payments/members/{ben.pk}/", "new/"):
        assert browser.post(f"/settings/teams/{path}", {"remove": "1", "name": "X"}).status_code == 403
    assert browser.get("/settings/teams/nonsense/").status_code == 404


def test_nobody_who_is_gone_or_in_it_already_can_join(world: World) -> None:
    ben, gone = world.person("Ben Blue"), world.person("Gus Gone", is_active=False)
    world.team("Payments", ben)
    browser = world.browser(world.admin)
    for person in (ben.pk, gone.pk, 999_999, "x"):
        assert browser.post("/settings/teams/payments/", {"person": person}).status_code == 422
