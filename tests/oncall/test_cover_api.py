"""Programs offer and take shifts, and say who is away."""

from oncall.models import Swap
from tests.oncall.making import schedule
from tests.oncall.pages import trio
from tests.oncall.test_swap_a_shift import holders
from tests.world import World

PART = {"starts_at": "2026-01-06T12:00:00Z", "ends_at": "2026-01-06T18:00:00Z"}


def test_a_program_offers_and_another_accepts(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann, ben, cat)
    anns, bens, cats = (world.program(person) for person in (ann, ben, cat))
    made = anns.post("/swaps/", {"schedule": plan.slug, **PART, "reason": "Dentist"})
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["state"], body["person"], body["in_return"], sorted(body["asked"])) == (
        "open", ann.pk, None, sorted([ben.pk, cat.pk]),
    )  # fmt: skip
    address = f"/swaps/{body['id']}/"
    assert bens.post(f"{address}withdraw/").status_code == 403
    assert cats.post(f"{address}decline/").json()["asked"] == [ben.pk]
    taken = bens.post(f"{address}accept/").json()
    assert (taken["state"], taken["taken_by"]["name"]) == ("accepted", "Ben Doe")
    late = cats.post(f"{address}accept")
    assert (late.status_code, late.json()["code"]) == (409, "taken")
    assert holders(plan, "2026-01-06T13:00") == ["Ben"]
    listed = anns.get("/swaps/", state="accepted", person=ann.email, schedule=plan.slug).json()
    assert [row["id"] for row in listed["results"]] == [body["id"]]
    assert set(listed) == {"next", "previous", "results"}
    assert anns.get(address).json()["taken_by"]["id"] == ben.pk
    assert anns.get("/swaps/", state="lost").status_code == 400


def test_a_program_asks_for_an_exchange_and_withdraws_it(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann, ben)
    back = {"duty": "primary", "starts_at": "2026-01-13T10:00", "ends_at": "2026-01-14T10:00"}
    asked = {"schedule": plan.pk, "person": ann.pk, **PART, "offered_to": ben.email, "in_return": back}
    assert world.program(cat).post("/swaps/", asked).status_code == 403
    made = world.program().post("/swaps/", asked).json()
    assert made["in_return"] == {**back, "starts_at": "2026-01-13T10:00:00Z", "ends_at": "2026-01-14T10:00:00Z"}
    assert world.program(cat).post(f"/swaps/{made['id']}/accept/").status_code == 403
    assert world.program(ann).post(f"/swaps/{made['id']}/withdraw/").json()["state"] == "withdrawn"
    assert Swap.objects.get().asks.count() == 1


def test_what_a_program_offers_wrongly_is_said(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann, ben)
    program = world.program(ann)
    wrongs = [
        ({"schedule": "nothing"}, 400),
        ({"duty": "third"}, 400),
        ({"ends_at": "2026-01-06T11:00:00Z"}, 400),
        ({"starts_at": "soon"}, 400),
        ({"offered_to": "nobody@example.com"}, 400),
        ({"in_return": {"starts_at": "2026-01-13T10:00"}}, 400),
        ({"starts_at": "2026-01-13T10:00", "ends_at": "2026-01-13T11:00"}, 409),
        ({"offered_to": ann.pk}, 409),
    ]
    for wrong, status in wrongs:
        assert program.post("/swaps/", {"schedule": plan.slug, **PART, **wrong}).status_code == status, wrong
    assert world.program(ann, scope="read").post("/swaps/", {"schedule": plan.slug, **PART}).status_code == 403


def test_a_program_says_who_is_away_and_only_they_and_managers_read_why(world: World) -> None:
    ann, ben, _cat = trio(world)
    schedule(world, ann, ben)
    anns, bens = world.program(ann), world.program(ben)
    asked = {"kind": "sick", "starts_at": "2026-01-06T00:00:00Z", "ends_at": "2026-01-07T12:00:00Z", "note": "Knee"}
    made = anns.post("/absences/", asked).json()
    assert (made["person"], made["kind"], len(made["swaps"])) == (ann.pk, "sick", 1)
    seen = bens.get("/absences/", at="2026-01-06T12:00:00Z").json()["results"]
    assert [(row["person"], row["kind"], row["note"]) for row in seen] == [(ann.pk, None, None)]
    assert bens.get("/absences/", at="2026-01-08T12:00:00Z").json()["results"] == []
    assert bens.get("/absences/", at="soon").status_code == 400
    assert bens.get("/absences/", at="2500-01-01T00:00:00Z").status_code == 400
    assert world.program().get(f"/absences/{made['id']}/").json()["note"] == "Knee"
    assert anns.post("/absences/", asked).status_code == 409
    assert bens.post("/absences/", {**asked, "person": ann.pk}).status_code == 403
    assert anns.post("/absences/", {**asked, "kind": "lazy"}).status_code == 400
    assert bens.post(f"/absences/{made['id']}/withdraw/").status_code == 403
    assert anns.post(f"/absences/{made['id']}/withdraw/").json()["withdrawn_at"] is not None
    assert Swap.objects.get().state == "withdrawn"
