"""Single sign-on by the company's OpenID Connect provider, told with a real one on loopback."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from tests.world import World


class Provider:
    """Answers for one person at a time."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {
            "sub": "7",
            "email": "eve@example.com",
            "email_verified": True,
            "name": "Eve Adams",
        }
        provider = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/.well-known/openid-configuration":
                    names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
                    found = {f"{name}_endpoint": f"{provider.url}/{path}" for name, path in names.items()}
                    self.say({**found, "issuer": provider.url, "jwks_uri": f"{provider.url}/keys"})
                else:
                    self.say(provider.claims)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.say({"access_token": "a", "token_type": "Bearer", "expires_in": 60})

            def say(self, body: dict[str, Any]) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def provider(world: World) -> Iterator[Provider]:
    made = Provider()
    app = {
        "provider_id": "sso",
        "name": "Example ID",
        "client_id": "muster",
        "secret": "s",
        "settings": {"server_url": made.url},
    }
    world.settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    yield made
    made.server.shutdown()
    made.server.server_close()


def sign_in(client: Client, provider: Provider) -> Any:
    """Through the provider and back."""
    away = client.post("/accounts/oidc/sso/login/")
    assert away.status_code == 302
    assert away.url.startswith(f"{provider.url}/authorize?")
    state = parse_qs(urlsplit(away.url).query)["state"][0]
    return client.get("/accounts/oidc/sso/login/callback/", {"code": "c", "state": state})


def test_somebody_new_is_let_in_as_a_responder(world: World, client: Client, provider: Provider) -> None:
    assert "Example ID" in client.get("/accounts/login/").content.decode()
    assert client.get("/accounts/oidc/sso/login/").status_code == 200
    assert sign_in(client, provider).status_code == 302
    eve = User.objects.get(email="eve@example.com")
    assert (eve.name, eve.role) == ("Eve Adams", "responder")
    assert client.get("/settings/").status_code == 200
    assert AuditEntry.objects.filter(verb="add person by single sign-on", subject=eve.email).exists()


def test_somebody_known_is_recognised_by_the_verified_address(world: World, client: Client, provider: Provider) -> None:
    provider.claims["email"] = "ada.admin@example.com"
    sign_in(client, provider)
    assert client.get("/settings/audit/").status_code == 200
    assert User.objects.count() == 1


def test_an_address_nobody_verified_opens_no_account(world: World, client: Client, provider: Provider) -> None:
    provider.claims.update(email="ada.admin@example.com", email_verified=False)
    sign_in(client, provider)
    assert client.get("/settings/").status_code == 302
    assert User.objects.count() == 1


def test_a_deactivated_person_is_not_let_in(world: World, client: Client, provider: Provider) -> None:
    sign_in(client, provider)
    User.objects.filter(email="eve@example.com").update(is_active=False)
    sign_in(Client(), provider)
    again = Client()
    sign_in(again, provider)
    assert again.get("/settings/").status_code == 302
    assert client.get("/settings/").status_code == 302


def test_an_answer_that_was_not_asked_for_is_turned_away(world: World, client: Client, provider: Provider) -> None:
    answer = client.get("/accounts/oidc/sso/login/callback/", {"code": "c", "state": "invented"})
    assert answer.status_code in {200, 401}
    assert client.get("/settings/").status_code == 302


def test_without_a_provider_there_is_no_such_door(world: World, client: Client) -> None:
    assert client.get("/accounts/oidc/sso/login/").status_code == 404
