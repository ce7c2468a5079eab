"""Services: what we run, who answers for it, and who suffers when it fails."""

import pytest

from accounts.models import AuditEntry
from catalog.models import Service
from tests.world import World

LINKS = "Dashboard https://grafana.example.com/d/1\nhttps://git.example.com/checkout"


def test_a_manager_adds_a_service(world: World) -> None:
    team, db = world.team("Payments"), world.service("Database")
    browser = world.browser(world.person("Ben Blue", role="manager"))
    assert browser.get("/services/new/").status_code == 200
    body = {"name": "Checkout", "description": "Takes **orders**.", "tier": "1", "owner": team.pk}
    made = browser.post("/services/new/", {**body, "links": LINKS, "depends_on": [db.pk]})
    assert made.url == "/services/checkout/"
    page = browser.get(made.url).content.decode()
    for words in (
        "<strong>orders</strong>",
        "Payments",
        "Database",
        'href="https://grafana.example.com/d/1"',
        "git.example.com",
    ):
        assert words in page
    assert "Checkout" in browser.get("/services/").content.decode()
    assert AuditEntry.objects.filter(verb="add service", subject="Checkout").exists()


def test_a_service_page_takes_in_what_other_rooms_know_of_it(world: World) -> None:
    world.service("Checkout")
    browser = world.browser(world.admin)
    page = browser.get("/services/checkout/")
    assert len(page.context["panels"]) == 4
    for address in page.context["panels"]:
        assert f'hx-get="{address}"' in page.content.decode()
        assert browser.get(address, headers={"HX-Request": "true"}).status_code == 200, address


def test_a_failure_names_everyone_it_reaches_and_the_way(world: World) -> None:
    db, api, shop, app = (world.service(name) for name in ("Database", "API", "Shop", "App"))
    api.depends_on.add(db)
    shop.depends_on.add(api)
    app.depends_on.add(shop)
    gone = world.service("Old", archived_at=world.now)
    gone.depends_on.add(db)
    page = world.browser(world.admin).get("/services/database/")
    assert [hit.service.name for hit in page.context["impact"]] == ["API", "Shop", "App"]
    assert [step.name for step in page.context["impact"][2].through] == ["API", "Shop"]
    rows = world.program().get("/services/database/impact").json()
    assert [row["name"] for row in rows] == ["API", "Shop", "App"]


def test_a_circle_is_refused_and_named(world: World) -> None:
    db, api, shop = (world.service(name) for name in ("Database", "API", "Shop"))
    api.depends_on.add(db)
    shop.depends_on.add(api)
    browser = world.browser(world.admin)
    answer = browser.post("/services/database/edit/", {"name": "Database", "tier": "2", "depends_on": [shop.pk]})
    assert answer.status_code == 422
    assert "Database → Shop → API → Database" in answer.context["form"].errors["depends_on"][0]
    refused = world.program().patch("/services/database/", {"depends_on": ["shop"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "circular")
    itself = world.program().patch("/services/database/", {"depends_on": [db.pk]})
    assert "Database → Database" in itself.json()["detail"]
    assert not db.depends_on.exists()


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(world: World) -> None:
    world.service("Checkout")
    browser = world.browser(world.admin)
    body = {"name": "checkout", "description": "Kept.", "tier": "9", "owner": "999", "depends_on": ["x"]}
    answer = browser.post("/services/new/", {**body, "links": "Notes javascript:alert(1)"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"tier", "owner", "depends_on", "links"}
    assert "Kept." in answer.content.decode()
    taken = browser.post("/services/new/", {"name": "CHECKOUT", "tier": "1"})
    assert set(taken.context["form"].errors) == {"name"}
    assert Service.objects.count() == 1


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://x.example",
        "//x.example",
        "https://",
        "https://a b.example",
        "http://[::1",
        "https://u:p@x",
    ],
)
def test_a_link_is_a_web_address_and_nothing_else(world: World, url: str) -> None:
    answer = world.program().post("/services/", {"name": "A", "links": [{"title": "x", "url": url}]})
    assert answer.status_code == 400
    assert "links" in answer.json()["errors"]


def test_a_service_is_archived_and_comes_back(world: World) -> None:
    world.service("Checkout")
    browser = world.browser(world.admin)
    browser.post("/services/checkout/archive/")
    assert "Checkout" not in [row.name for row in browser.get("/services/").context["page"]]
    assert "Checkout" in [row.name for row in browser.get("/services/", {"show": "archived"}).context["page"]]
    assert "Archived" in browser.get("/services/checkout/").content.decode()
    again = browser.post("/services/new/", {"name": "Checkout", "tier": "1"})
    assert "Restore it" in again.context["form"].errors["name"][0]
    browser.post("/services/checkout/restore/")
    assert Service.objects.get().archived_at is None


def test_what_others_need_is_not_archived(world: World) -> None:
    db, api = world.service("Database"), world.service("API")
    api.depends_on.add(db)
    refused = world.browser(world.admin).post("/services/database/archive/")
    assert refused.status_code == 409
    assert "still needed by API" in refused.content.decode()


def test_services_are_found_by_word_tier_and_team(world: World) -> None:
    team = world.team("Payments")
    world.service("Checkout", tier=1, owner=team)
    world.service("Reports", tier=4)
    browser = world.browser(world.admin)

    def found(**query: str) -> list[str]:
        return [row.name for row in browser.get("/services/", query).context["page"]]

    assert found() == ["Checkout", "Reports"]
    assert found(q="pay") == ["Checkout"]
    assert found(tier="4") == ["Reports"]
    assert found(owner="payments") == ["Checkout"]
    assert found(owner="nobody") == []
    assert found(tier="x", page="x") == ["Checkout", "Reports"]


def test_a_responder_looks_and_does_not_change(world: World) -> None:
    world.service("Checkout")
    ben = world.person("Ben Blue")
    browser, program = world.browser(ben), world.program(ben)
    assert browser.get("/services/checkout/").status_code == 200
    assert "Add a service" not in browser.get("/services/").content.decode()
    for path in ("new/", "checkout/edit/", "checkout/archive/", "checkout/restore/"):
        assert browser.post(f"/services/{path}", {"name": "X", "tier": "1"}).status_code == 403
    assert program.post("/services/", {"name": "X"}).status_code == 403
    assert program.post("/services/checkout/archive").status_code == 403
    assert browser.get("/services/nonsense/").status_code == 404


def test_the_first_service_is_asked_for(world: World) -> None:
    page = world.browser(world.admin).get("/services/").content.decode()
    assert "No service yet" in page
    assert 'href="/services/new/"' in page


def test_a_program_keeps_services(world: World) -> None:
    team = world.team("Payments")
    program = world.program()
    db = program.post("/services/", {"name": "数据库"}).json()
    assert (db["slug"], db["tier"], db["owner"], db["links"], db["depends_on"]) == ("service", 2, None, [], [])
    body = {"name": "Checkout", "tier": 1, "owner": "payments", "depends_on": [db["id"]], "description": "x"}
    made = program.post("/services", {**body, "links": [{"url": "https://a.example/b"}]})
    assert made.status_code == 201
    assert made.json()["owner"] == team.pk
    assert made.json()["links"] == [{"title": "a.example", "url": "https://a.example/b"}]
    assert program.get("/services/checkout/").json() == program.get(f"/services/{made.json()['id']}").json()
    assert program.patch("/services/checkout/", {"owner": None}).json()["owner"] is None
    listed = program.get("/services/", q="check", tier=1).json()
    assert [row["slug"] for row in listed["results"]] == ["checkout"]
    assert program.post("/services/checkout/archive").json()["archived_at"]
    assert program.get("/services/", archived="true").json()["results"][0]["slug"] == "checkout"
    assert program.post("/services/checkout/restore").json()["archived_at"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": None}, "name"),
        ({"name": "A", "tier": 0}, "tier"),
        ({"name": "A", "tier": "one"}, "tier"),
        ({"name": "A", "owner": "nobody"}, "owner"),
        ({"name": "A", "owner": 10**18}, "owner"),
        ({"name": "A", "depends_on": ["nothing"]}, "depends_on"),
        ({"name": "A", "links": "x"}, "links"),
        ({"name": "A", "links": [{"title": "x"}]}, "links"),
        ({"name": "A", "links": [{"url": "https://a.example"}] * 31}, "links"),
        ({"name": "A", "slug": "severities"}, "slug"),
        ({"name": "A", "slug": "ü"}, "slug"),
    ],
)
def test_a_wrong_service_is_answered_with_a_sentence_at_the_field(world: World, body: object, field: str) -> None:
    answer = world.program().post("/services/", body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert answer.json()["detail"]
    assert not Service.objects.exists()


@pytest.mark.parametrize("query", [{"tier": "9"}, {"tier": "x"}, {"owner": "nobody"}, {"archived": "perhaps"}])
def test_a_wrong_query_is_answered_with_a_sentence(world: World, query: dict[str, str]) -> None:
    answer = world.program().get("/services/", **query)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(query)
