"""Nothing inside the house is reached from outside it: the one outgoing client and the addresses it judges."""

import socket
import threading
import time
from ipaddress import ip_address

import pytest

from core import outbound
from core.errors import Refused
from tests.receivers import WebReceiver

EVIL = [
    "http://127.0.0.1/", "http://127.0.0.1:8000/", "http://localhost/", "http://localhost./", "http://LOCALHOST/",
    "http://127.1/", "http://0x7f.1/", "http://2130706433/", "http://017700000001/", "http://0/", "http://0.0.0.0/",
    "http://１２７.0.0.1/", "http://127。0。0。1/", "http://ⓛocalhost/",
    "http://10.0.0.1/", "http://172.16.3.4/", "http://172.31.255.255/", "http://192.168.1.1/", "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/", "http://100.100.100.200/",
    "http://168.63.129.16/", "http://192.0.0.192/", "http://198.18.0.1/", "http://224.0.0.1/", "http://255.255.255.255/",
    "http://240.0.0.1/", "http://192.0.2.1/", "http://192.88.99.1/",
    "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:a9fe:a9fe]/",
    "http://[::ffff:10.0.0.1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::a00:1]/", "http://[2002:7f00:1::]/", "http://[2002:a9fe:a9fe::]/", "http://[2002:c0a8:101::1]/",
    "http://[2001:0:7f00:1::]/", "http://[fe80::1]/", "http://[fc00::1]/", "http://[fd00:ec2::254]/",
    "http://[fec0::1]/", "http://[ff02::1]/", "http://[2001:db8::1]/", "http://[100::1]/", "http://[3fff::1]/",
]  # fmt: skip
WRONG = [
    "", "nonsense", "ftp://example.com/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_X", "javascript:alert(1)",
    "unix:///var/run/docker.sock", "http://", "http:///path", "//example.com/", "http://user:pass@example.com/",
    "http://example.com@127.0.0.1/", "http://127.0.0.1#@example.com/", "http://127.0.0.1\\@example.com/",
    "http://example.com:22/", "http://example.com:25/", "http://example.com:5432/", "http://example.com:6379/",
    "http://example.com:2375/", "http://example.com:0/", "http://example.com:99999/", "http://example.com:port/",
    "http://example.com/\r\nHost: evil", "http://example.com/ a", "http://exa mple.com/", "http://[::1", "http://[fe80::1%25lo]/",
    "http://example.com/" + "a" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("url", EVIL + WRONG)
def test_it_is_refused_when_saved_and_when_asked(settings, url: str) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    with pytest.raises(Refused):
        outbound.judge_url(url)
    with pytest.raises(Refused):
        outbound.request("POST", url, body=b"{}", seconds=1)


@pytest.mark.parametrize(
    "url", ["https://hooks.example.com/x", "https://8.8.8.8/x", "http://1.1.1.1:8080/", "http://[2606:4700::1111]/"]
)
def test_the_public_internet_is_open(settings, url: str, monkeypatch) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    monkeypatch.setattr(outbound, "getaddrinfo", lambda *a, **k: [(2, 1, 6, "", ("93.184.216.34", 443))])
    outbound.judge_url(url)


def test_a_name_that_cannot_be_resolved_may_be_saved(settings, monkeypatch) -> None:
    def fail(*args, **more):
        raise socket.gaierror("no such name")

    monkeypatch.setattr(outbound, "getaddrinfo", fail)
    outbound.judge_url("https://not-yet.example.com/")
    with pytest.raises(outbound.Unreachable, match="cannot be found"):
        outbound.request("POST", "https://not-yet.example.com/")


@pytest.mark.parametrize(
    "text",
    ["169.254.169.254", "169.254.1.1", "fe80::1", "0.0.0.0", "::", "100.100.100.200", "fd00:ec2::254", "224.0.0.1",
     "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "168.63.129.16"],
)  # fmt: skip
def test_metadata_services_stay_shut_where_private_addresses_are_open(text: str) -> None:
    assert outbound.why_not(ip_address(text), allow_private=True)


@pytest.mark.parametrize(
    "text", ["127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd12::1", "100.64.0.1", "::ffff:10.0.0.1"]
)
def test_private_addresses_open_by_the_setting(text: str) -> None:
    assert outbound.why_not(ip_address(text), allow_private=False)
    assert not outbound.why_not(ip_address(text), allow_private=True)


def test_one_bad_address_spoils_the_name(settings, monkeypatch) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    rows = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(outbound, "getaddrinfo", lambda *a, **k: rows)
    with pytest.raises(outbound.Forbidden, match=r"127\.0\.0\.1"):
        outbound.request("POST", "http://rebind.example.com/")


def test_a_name_that_turns_round_between_judging_and_connecting_reaches_nothing(settings, monkeypatch, web) -> None:
    """The judged address is the one connected to; a second answer is never asked for."""
    settings.ALLOW_PRIVATE_ADDRESSES = False
    answers = iter(["93.184.216.34", "127.0.0.1"])
    asked: list[str] = []
    dialled: list[str] = []

    def resolve(host, port, **more):
        asked.append(host)
        return [(2, 1, 6, "", (next(answers), port))]

    def dial(address, *args, **more):
        dialled.append(address[0])
        raise OSError("not from here")

    monkeypatch.setattr(outbound, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", dial)
    with pytest.raises(outbound.Unreachable):
        outbound.request("POST", f"http://rebind.example.com:{web.port}/", seconds=2)
    assert (asked, dialled) == (["rebind.example.com"], ["93.184.216.34"])
    assert len(web.ledger) == 0


def test_the_environment_s_proxy_is_not_used(web: WebReceiver, monkeypatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1/")
    assert outbound.request("POST", web.url()).status == 200


def test_host_follows_the_name_and_redirects_are_not_followed(web: WebReceiver) -> None:
    web.mode, web.headers = "redirect", {"Location": web.url("/elsewhere")}
    answer = outbound.request("POST", f"http://localhost:{web.port}/hook", body=b"{}")
    assert answer.status == 302
    assert [row.path for row in web.ledger.rows] == ["/hook"]
    assert web.ledger.rows[0].headers["host"] == f"localhost:{web.port}"


def test_a_hung_receiver_costs_no_more_than_the_deadline(web: WebReceiver) -> None:
    web.mode = "hang"
    began = time.monotonic()
    with pytest.raises(outbound.Unreachable) as caught:
        outbound.request("POST", web.url(), seconds=0.4)
    assert time.monotonic() - began < 2
    assert caught.value.may_have_arrived


def serve_once(say) -> int:
    """A server of one connection that says what it likes; its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with server:
            talk, _peer = server.accept()
            with talk:
                talk.recv(65536)
                try:
                    say(talk)
                except OSError:
                    return

    threading.Thread(target=run, daemon=True).start()
    return server.getsockname()[1]


def test_dripping_bytes_do_not_hold_the_line(settings) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    over = threading.Event()

    def drip(talk: socket.socket) -> None:
        talk.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not over.wait(0.05):
            talk.sendall(b"x")

    began = time.monotonic()
    with pytest.raises(outbound.Unreachable):
        outbound.request("GET", f"http://127.0.0.1:{serve_once(drip)}/", seconds=0.5)
    over.set()
    assert time.monotonic() - began < 2


def test_an_endless_body_is_cut(settings) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True

    def pour(talk: socket.socket) -> None:
        talk.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
        for _ in range(1000):
            talk.sendall(b"x" * 65536)

    answer = outbound.request("GET", f"http://127.0.0.1:{serve_once(pour)}/", seconds=3)
    assert (answer.status, len(answer.body)) == (200, outbound.BODY_CAP)


@pytest.mark.parametrize("noise", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nA: " + b"x" * 300_000, b"\x00" * 100])
def test_noise_instead_of_an_answer_is_unreachable_and_nothing_worse(settings, noise: bytes) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    with pytest.raises(outbound.Unreachable):
        outbound.request("GET", f"http://127.0.0.1:{serve_once(lambda talk: talk.sendall(noise))}/", seconds=2)


def test_a_slow_resolver_costs_no_more_than_the_deadline(monkeypatch) -> None:
    free = threading.Event()
    monkeypatch.setattr(outbound, "getaddrinfo", lambda *a, **k: free.wait(30) and [])
    began = time.monotonic()
    with pytest.raises(outbound.Unreachable, match="in time"):
        outbound.request("GET", "http://slow.example.com/", seconds=0.3)
    free.set()
    assert time.monotonic() - began < 2
