"""axe-core finds nothing to complain of on any page that links lead to, in light and in dark, wide and narrow."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Error

from accounts.models import User
from tests import crawler
from tests.browser.conftest import Windows
from tests.world import World

AXE = next((Path(__file__).parents[1] / "vendor").glob("axe*.js")).read_text()
PUBLIC = ["/status/", "/status/history/", "/accounts/login/", "/accounts/password/reset/", "/nothing-here/"]
RUN = "() => axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + (n.any[0]?.message || n.failureSummary || '').slice(0, 200)).join(' | ')))"  # noqa: E501


@pytest.mark.browser
@pytest.mark.parametrize(("dark", "width"), [(False, 1440), (True, 360)])
def test_no_page_has_an_accessibility_fault(town: World, windows: Windows, dark: bool, width: int) -> None:
    call_command("demo", verbosity=0)
    town.tick()
    person = User.objects.get(email="ada.admin@example.com")
    window = windows.open(person, "/", width=width, dark=dark)
    windows.forgive("404")
    faults: dict[str, Any] = {}

    def look(address: str) -> tuple[int, str]:
        try:
            answer = window.goto(address, wait_until="load")
        except Error as trouble:
            if "Download is starting" in str(trouble):
                return 200, ""
            raise
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            return 200, ""
        if answer.status < 400 and window.locator("main").count():
            found = examine(window)
            if found:
                faults[address] = found
        return answer.status, window.content()

    for _visited in crawler.follow(look):
        pass
    signed_out = windows.open(None, "/accounts/login/", width=width, dark=dark)
    for path in PUBLIC:
        signed_out.goto(path)
        found = examine(signed_out)
        if found:
            faults[path] = found
    assert faults == {}


def examine(window: Any) -> list[str]:
    """What axe finds on the page as it stands. The window's debugger runs it: the page's own CSP stays as it is."""
    window.evaluate(AXE)
    found: list[str] = window.evaluate(RUN)
    return found
