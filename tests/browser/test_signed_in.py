"""The ground under every browser test."""

import pytest

from tests.browser.conftest import Windows
from tests.world import World


@pytest.mark.browser
def test_a_signed_in_window_shows_the_persons_own_page(town: World, windows: Windows) -> None:
    windows.forgive("404")
    window = windows.open(town.person("Ben Ortiz"), "/accounts/password/change/")
    assert "/login/" not in window.url
