"""The API describes itself: for programs as OpenAPI, for people as a page."""

import json
from io import StringIO

from django.core.management import call_command

from tests.world import World


def test_the_description_is_valid_and_leaves_nothing_out() -> None:
    told = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, format="openapi-json", stdout=told)
    description = json.loads(told.getvalue())
    assert description["openapi"].startswith("3.1")
    for noun in ("services", "teams", "users", "severities", "me"):
        assert f"/api/v1/{noun}/" in description["paths"]
    for methods in description["paths"].values():
        for name, operation in methods.items():
            if name != "parameters":
                assert operation["responses"]["default"]["content"]["application/problem+json"]


def test_people_read_it_as_a_page(world: World) -> None:
    page = world.browser(world.person("Vic Viewer", role="viewer")).get("/api/").content.decode()
    for words in ("/api/v1/services/", "depends_on", "POST", "Send your token", "one of: "):
        assert words in page


def test_the_page_is_for_people_who_are_signed_in(world: World, client) -> None:
    assert client.get("/api/").status_code == 302


def test_programs_read_it_with_and_without_the_slash(world: World, client) -> None:
    for path in ("/api/v1/schema", "/api/v1/schema/"):
        answer = client.get(path, headers={"accept": "application/json"})
        assert answer.status_code == 200
