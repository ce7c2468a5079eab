"""Programs keep public pages and their components."""

import pytest

from tests.statuspage.conftest import Shop
from tests.world import World


def test_a_program_keeps_pages_and_components(world: World) -> None:
    world.tick()
    program = world.program()
    made = program.post("/status-pages/", {"name": "Partners", "time_zone": "Europe/Berlin"})
    assert made.status_code == 201
    body = made.json()
    assert (body["slug"], body["is_default"], body["state"]) == ("partners", False, "operational")
    assert body["url"].endswith("/status/partners/")
    gateway = world.service("Gateway")
    component = program.post("/components", {"page": "partners", "name": "Gateway", "services": ["gateway"]})
    assert component.status_code == 201
    assert component.json()["services"] == [gateway.pk]
    where = f"/components/{component.json()['id']}"
    assert program.patch(where, {"group": "Edge"}).json()["group"] == "Edge"
    told = program.post(f"{where}/state", {"state": "degraded", "reason": "slow"}).json()
    assert (told["state"], told["by_hand"]) == ("degraded", True)
    assert program.get("/status-pages/partners").json()["state"] == "degraded"
    assert program.post(f"{where}/follow-incidents/").json()["state"] == "operational"
    assert [row["name"] for row in program.get("/components/", page="partners").json()["results"]] == ["Gateway"]
    assert program.patch("/status-pages/partners/", {"is_default": True}).json()["url"].endswith("/status/")
    assert program.patch("/status-pages/partners/", {"is_default": False}).status_code == 400
    assert program.delete(where).status_code == 204
    assert program.delete("/status-pages/partners/").status_code == 409
    assert program.delete("/status-pages/main/").status_code == 204


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/status-pages/", {}),
        ("/status-pages/", {"name": "x", "slug": "history"}),
        ("/status-pages/", {"name": "x", "slug": "7"}),
        ("/status-pages/", {"name": "x", "time_zone": "Mars/Base"}),
        ("/status-pages/", {"name": ["x"]}),
        ("/components/", {"page": "main"}),
        ("/components/", {"page": "nowhere", "name": "x"}),
        ("/components/", {"page": "main", "name": ""}),
        ("/components/", {"page": "main", "name": "x", "services": ["nothing"]}),
        ("/components/", {"page": "main", "name": "x", "position": -1}),
        ("/components/", {"page": "main", "name": "Payments"}),
        ("/components/1000000000/state/", {"state": "degraded", "reason": "x"}),
    ],
)
def test_a_program_with_a_wrong_value_is_told_so(shop: Shop, path: str, body: object) -> None:
    answer = shop.world.program().post(path, body)
    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]
    assert answer["content-type"] == "application/problem+json"


def test_programs_of_responders_set_states_and_nothing_else(shop: Shop) -> None:
    program = shop.world.program(shop.world.person("Rita Responder"))
    where = f"/components/{shop.payments.pk}"
    assert program.post(f"{where}/state/", {"state": "degraded", "reason": "x"}).status_code == 200
    assert program.post(f"{where}/state/", {"state": "gone", "reason": "x"}).status_code == 400
    assert program.patch(f"{where}/", {"name": "x"}).status_code == 403
    assert program.post("/status-pages/", {"name": "x"}).status_code == 403
    assert program.get("/components/", state="wrong").status_code == 400
