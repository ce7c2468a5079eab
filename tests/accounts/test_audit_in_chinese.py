"""The audit log is read in the reader's language; its rows hold English words."""

from accounts import actions
from tests.world import World


def test_a_change_of_role_is_told_in_chinese(world: World) -> None:
    ben = world.person("Ben Ortiz")
    actions.change_role(ben, "manager", actor=world.admin, at=world.now)
    mei = world.person("Mei Lin", role="administrator", language="zh-hans")
    page = world.browser(mei).get("/settings/audit/").content.decode()
    assert "更改角色" in page
    assert "主管" in page
    assert "change role" not in page
    assert ">manager<" not in page
    english = world.browser(world.admin).get("/settings/audit/", headers={"accept-language": "en"}).content.decode()
    assert "change role" in english
