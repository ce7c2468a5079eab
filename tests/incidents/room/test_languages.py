"""What is pushed is in the language the page was rendered in."""

from accounts.models import User
from incidents import actions
from incidents.models import Incident
from tests.incidents.room.lines import do, entered, knocking, played
from tests.world import World


def test_who_chose_no_language_is_pushed_what_their_browser_asks_for(
    town: World, incident: Incident, ben: User
) -> None:
    chinese = knocking(ben, incident.reference, reads="zh-CN,zh;q=0.9,en;q=0.5")
    english = knocking(ben, incident.reference)

    async def story() -> None:
        line, snapshot = await entered(chinese)
        beside, english_snapshot = await entered(english)
        assert "指挥" in snapshot["parts"]["room-roles"]
        assert "Commander" in english_snapshot["parts"]["room-roles"]
        await do(actions.take_role, incident, "commander", person=ben, actor=ben, at=town.now)
        told = await line.until(lambda one: bool(one["lines"]))
        assert "指挥" in told["lines"][-1][1]
        assert "took the role" not in told["lines"][-1][1]
        assert "指挥" in told["parts"]["room-roles"]
        assert "Commander" not in told["parts"]["room-roles"]
        told = await beside.until(lambda one: bool(one["lines"]))
        assert "took the role Commander" in told["lines"][-1][1]
        assert "Commander" in told["parts"]["room-roles"]
        await line.leave()
        await beside.leave()

    played(story())


def test_a_chosen_language_goes_before_the_browsers(incident: Incident, ben: User) -> None:
    ben.language = "zh-hans"
    ben.save()
    knock = knocking(ben, incident.reference, reads="en")

    async def story() -> None:
        line, snapshot = await entered(knock)
        assert "指挥" in snapshot["parts"]["room-roles"]
        await line.leave()

    played(story())
