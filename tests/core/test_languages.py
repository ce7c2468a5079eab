"""A person who chose Chinese reads Chinese; everybody else reads what their browser or program asks for, or English."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation

from incidents import actions
from incidents.models import Incident
from tests.world import World


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    """The language of one test does not reach the next."""
    with translation.override("en"):
        yield


@pytest.fixture
def incident(world: World) -> Incident:
    return actions.declare(
        title="Checkout fails", severity=world.severity("SEV2"), service=None, actor=world.admin, at=world.now
    )


def read(client: Client, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_home_and_war_room_are_in_the_language_a_person_chose(world: World, incident: Incident) -> None:
    mei = world.browser(world.person("Mei Lin", language="zh-hans", time_zone="Asia/Shanghai"))
    home = read(mei, "/", accept_language="en")
    assert '<html lang="zh-hans"' in home
    assert "上报故障" in home
    assert "谁在值班" in home
    assert "Declare incident" not in home
    room = read(mei, f"/incidents/{incident.reference}/")
    assert "上报了故障，严重级别 SEV2" in room
    assert "担任指挥" in room
    assert "时间线" in room
    assert "declared this as" not in room


def test_a_neighbour_without_a_choice_still_reads_english(world: World, incident: Incident) -> None:
    read(world.browser(world.person("Mei Lin", language="zh-hans")), "/")
    home = read(world.browser(world.person("Ben Ortiz")), "/")
    assert "Declare incident" in home
    assert "上报" not in home


def test_before_anybody_signed_in_the_browser_is_asked(world: World, client: Client) -> None:
    assert "忘记密码" in read(client, "/accounts/login/", accept_language="zh-CN,zh;q=0.9,en;q=0.5")
    page = read(client, "/accounts/login/")
    assert "Sign in" in page
    assert "登录" not in page


def test_a_percent_sign_does_not_hide_a_text(world: World) -> None:
    with translation.override("zh-hans"):
        said = translation.gettext("%(percent)s %% uptime in 90 days") % {"percent": "99.9"}
    assert said == "90 天可用率 99.9 %"


def test_a_program_reads_english_unless_it_asks_otherwise(world: World, incident: Incident) -> None:
    program = world.program(world.person("Mei Lin", language="zh-hans"))
    path = f"/incidents/{incident.reference}/acknowledge/"
    world.program().post(path)
    assert "Ada Admin acknowledged INC-" in program.post(path).json()["detail"]
    program.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    assert "Ada Admin 已先于你确认 INC-" in program.post(path).json()["detail"]
