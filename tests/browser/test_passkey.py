"""A passkey opens the door, in a real Chromium with an authenticator of its own."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import expect

from tests.world import PASSWORD

pytestmark = pytest.mark.browser


def test_a_passkey_is_added_and_then_signs_in_without_a_password(town: Any, windows: Any, server: Any) -> None:
    ben = town.person("Ben Ortiz")
    ben.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt")  # what the web process itself would have kept
    ben.save(update_fields=["password"])
    window = windows.open(None, "/accounts/login/")
    door = f"http://localhost:{server.port}"  # a passkey belongs to a name, never to an IP address
    devtools = window.context.new_cdp_session(window)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    window.goto(f"{door}/accounts/login/")
    window.get_by_label("E-mail address").fill(ben.email)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Sign in", exact=True).click()
    window.wait_for_url(f"{door}/")
    window.goto(f"{door}/accounts/2fa/webauthn/add/")
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("main").get_by_role("button").first.click()
    window.get_by_label("Passwordless").check()
    window.get_by_role("button", name="Add").click()
    window.wait_for_url(re.compile("/accounts/2fa/(?!webauthn/add)"))
    window.goto(f"{door}/accounts/2fa/webauthn/")
    expect(window.get_by_text("Master key")).to_be_visible()

    window.goto(f"{door}/accounts/logout/")
    window.get_by_role("main").get_by_role("button").first.click()
    window.goto(f"{door}/accounts/login/")
    window.get_by_role("button", name="Sign in with a passkey").click()
    window.wait_for_url(f"{door}/")
    window.goto(f"{door}/settings/profile/")
    expect(window.get_by_role("heading", name="Ben Ortiz")).to_be_visible()
