"""The door for machines: what it takes, what it turns away, and what it keeps."""

import asyncio
import gzip
import json
import shutil
import socket
import subprocess
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import redis
import requests

from alerts import actions, intake
from alerts.door import bodies, inbox, keyring
from alerts.models import AlertSource, Payload, SourceMinute
from config.nudge import Nudge, payloads_arrived
from tests.alerts.doors import Web
from tests.alerts.machines import Machine, alert, group

pytestmark = pytest.mark.django_db(transaction=True)


def document(sender: Machine) -> dict:
    return group(alert("Disk", starts=sender.world.now))


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_payload_is_committed_before_its_sender_is_answered(web: Web, sender: Machine, slash: str) -> None:
    answer = web.send(f"/in/alertmanager/{sender.key}{slash}", document(sender))
    assert (answer.status, answer.json) == (200, {"status": "accepted"})
    payload = Payload.objects.get()
    assert json.loads(bytes(payload.body)) == document(sender)
    assert (payload.state, payload.content_type, payload.source) == ("waiting", "application/json", sender.source)
    actions.payloads_due(sender.world.now)
    assert sender.incidents()[0].status == "triage"


@pytest.mark.parametrize(
    "path", ["/in/", "/in/alertmanager", "/in/alertmanager/", "/in/alertmanager/wrong", "/in/zabbix/{key}",
             "/in/alertmanager/{key}/more", "/in/alertmanager/{key}//", "/in//{key}", "/in/alertmanager/" + "x" * 5000,
             "/in/alertmanager/%00%ff"],
)  # fmt: skip
def test_an_address_that_no_source_has_is_not_found(web: Web, sender: Machine, path: str) -> None:
    answer = web.send(path.replace("{key}", sender.key), document(sender))
    assert answer.status == 404
    assert sender.key not in answer.body.decode()
    assert not Payload.objects.exists()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_only_post_is_allowed_and_nothing_is_ever_redirected(web: Web, sender: Machine, method: str) -> None:
    answer = web.send(f"/in/alertmanager/{sender.key}", None, method=method)
    assert (answer.status, answer.headers["Allow"], answer.headers["Location"]) == (405, "POST", None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"not json", "not JSON"),
        (b"\xff\xfe\xff", "cannot be read"),
        (b"[]", "top level must be an object"),
        (b"{}", "a list “alerts”"),
        (b'{"alerts": 5}', "a list “alerts”"),
        (b'"words"', "top level"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence_and_still_kept(
    web: Web, sender: Machine, body: bytes, words: str
) -> None:
    answer = web.send(f"/in/alertmanager/{sender.key}", body)
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    payload = Payload.objects.get()
    assert (payload.state, bytes(payload.body)) == ("unreadable", body)
    assert words in payload.failure or words == "cannot be read"
    assert answer.json["detail"] == payload.failure


def test_unreadable_payloads_are_kept_within_bounds(web: Web, sender: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.door.inbox.KEEP_UNREADABLE", 5)
    answers = [web.send(f"/in/alertmanager/{sender.key}", b"nonsense %d" % n) for n in range(70)]
    assert {answer.status for answer in answers} == {400}
    until = time.monotonic() + 10
    while Payload.objects.count() > 5 and time.monotonic() < until:  # the oldest go after their sender was answered
        web.send(f"/in/alertmanager/{sender.key}", method="GET")
    assert Payload.objects.count() == 5
    web.send(f"/in/alertmanager/{sender.key}", document(sender))
    sender.world.traveller.shift(60)
    web.send(f"/in/alertmanager/{sender.key}", b"x" * 400_000)
    newest = Payload.objects.unreadable().latest("pk")
    assert len(bytes(newest.body)) == 256 * 1024
    assert "first 256 KiB" in newest.failure


def test_odd_but_authentic_content_is_accepted(web: Web, sender: Machine) -> None:
    odd = document(sender)
    odd["alerts"][0]["annotations"] = {"summary": "nul \x00 lone \ud800 \u202e end", "value": float("nan")}
    odd["alerts"][0]["startsAt"] = "9999-12-31T23:59:59-14:00"
    assert web.send(f"/in/alertmanager/{sender.key}", odd).status == 200
    bom = b"\xef\xbb\xbf" + json.dumps(document(sender)).encode()
    assert web.send(f"/in/alertmanager/{sender.key}", bom, headers={}).status == 200
    actions.payloads_due(sender.world.now)
    assert sender.alert("Disk").title == "Disk is wrong"
    assert not Payload.objects.exclude(state="done").exists()


def test_bodies_may_come_packed_and_in_pieces(web: Web, sender: Machine) -> None:
    path, plain = f"/in/alertmanager/{sender.key}", json.dumps(document(sender)).encode()
    assert web.send(path, gzip.compress(plain), headers={"Content-Encoding": "gzip"}).status == 200
    assert web.send(path, zlib.compress(plain), headers={"Content-Encoding": "deflate"}).status == 200
    assert {bytes(payload.body) for payload in Payload.objects.all()} == {plain}
    with web.raw() as wire:
        wire.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for letter in (plain[:10], plain[10:]):
            wire.sendall(b"%x\r\n%s\r\n" % (len(letter), letter))
        wire.sendall(b"0\r\n\r\n")
        assert wire.recv(4000).startswith(b"HTTP/1.1 200")
    assert Payload.objects.filter(body=plain).count() == 3
    assert web.send(path, plain, headers={"Content-Encoding": "br"}).status == 415
    broken = web.send(path, gzip.compress(plain)[:-9], headers={"Content-Encoding": "gzip"})
    assert (broken.status, Payload.objects.unreadable().count()) == (400, 1)


def test_a_body_packed_in_very_many_pieces_is_turned_away_at_once(web: Web, sender: Machine) -> None:
    path, plain = f"/in/alertmanager/{sender.key}", json.dumps(document(sender)).encode()
    in_two = gzip.compress(plain[:10]) + gzip.compress(plain[10:])
    assert web.send(path, in_two, headers={"Content-Encoding": "gzip"}).status == 200
    began = time.monotonic()
    flood = gzip.compress(plain) + gzip.compress(b"") * 200_000
    assert web.send(path, flood, headers={"Content-Encoding": "gzip"}).status == 413
    assert time.monotonic() - began < 2
    assert [bytes(payload.body) for payload in Payload.objects.all()] == [plain]


def test_a_bomb_or_a_flood_of_bytes_is_turned_away_and_leaves_no_weight(web: Web, sender: Machine) -> None:
    path = f"/in/alertmanager/{sender.key}"
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert web.send(path, bomb, headers={"Content-Encoding": "gzip"}).status == 413
    assert web.send(path, b"x", headers={"Content-Length": str(10**15)}).status == 413
    assert not Payload.objects.exists()
    large = {**document(sender), "padding": "x" * 4_000_000}
    assert web.send(path, large).status == 200


TOLD_TOO_LARGE = {
    "type": "about:blank", "title": "Too large", "status": 413, "detail": "The body is larger than 5 MiB.",
}  # fmt: skip


def test_a_body_that_is_too_large_is_answered_with_a_sentence_to_one_who_listens_only_afterwards(
    web: Web, sender: Machine
) -> None:
    address, body = f"http://127.0.0.1:{web.port}/in/alertmanager/{sender.key}", b"x" * 20_000_000
    announced = requests.post(address, body, timeout=30)
    in_pieces = requests.post(address, iter([body[:3_000_000]] * 6), timeout=30)
    for answer in (announced, in_pieces):
        assert (answer.status_code, answer.json()) == (413, TOLD_TOO_LARGE)
        assert answer.headers["Content-Type"] == "application/problem+json"
    plain = web.send(f"/in/alertmanager/{sender.key}", body)
    assert (plain.status, plain.json) == (413, TOLD_TOO_LARGE)
    assert not Payload.objects.exists()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("more", ["", "Transfer-Encoding: chunked", "Expect:"])
def test_a_body_that_is_too_large_is_answered_with_a_sentence_to_curl(web: Web, sender: Machine, more: str) -> None:
    address, body = f"http://127.0.0.1:{web.port}/in/alertmanager/{sender.key}", b"x" * 20_000_000
    curl = ["curl", "--silent", "--show-error", "--data-binary", "@-", address, "--write-out", "%{http_code}"]
    said = subprocess.run([*curl, "--header", more], input=body, capture_output=True, timeout=30)
    assert (said.returncode, said.stderr, said.stdout[-3:]) == (0, b"", b"413")
    assert json.loads(said.stdout[:-3]) == TOLD_TOO_LARGE
    assert not Payload.objects.exists()


def test_one_who_waits_to_be_asked_for_a_body_that_is_too_large_is_answered_at_once(web: Web, sender: Machine) -> None:
    with web.raw() as wire:
        head = f"POST /in/alertmanager/{sender.key} HTTP/1.1\r\nHost: x\r\nContent-Length: 6000000\r\n"
        wire.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        began = time.monotonic()
        assert wire.recv(4000).startswith(b"HTTP/1.1 413")
        assert time.monotonic() - began < 1


def test_a_sender_without_end_is_heard_out_within_bounds_and_then_hung_up_on(
    web: Web, sender: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MOST_DISCARDED", 8_000_000)
    head = f"POST /in/alertmanager/{sender.key} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    piece, sent = b"%x\r\n%s\r\n" % (500_000, b"x" * 500_000), 0
    with web.raw() as wire, pytest.raises(ConnectionError):  # noqa: PT012
        wire.sendall(head)
        while sent < 100_000_000:
            wire.sendall(piece)
            sent += len(piece)
    monkeypatch.setattr(bodies, "DISCARD_SECONDS", 0.3)
    with web.raw() as wire:
        wire.sendall(head + piece * 11)
        said = b""
        while more := wire.recv(4000):
            said += more
        assert said.startswith(b"HTTP/1.1 413"), "and one that stops is not waited for"
    assert not Payload.objects.exists()
    assert web.send(f"/in/alertmanager/{sender.key}", document(sender)).status == 200


def test_a_sender_that_trickles_is_cut_off_and_one_that_hangs_up_leaves_nothing(
    web: Web, sender: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SECONDS", 0.3)
    path = f"/in/alertmanager/{sender.key}"
    with web.raw() as wire:
        wire.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{{".encode())
        assert wire.recv(4000).startswith(b"HTTP/1.1 408")
    with web.raw() as wire:
        wire.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{{".encode())
        wire.shutdown(socket.SHUT_RDWR)
    assert web.send(path, document(sender)).status == 200
    assert Payload.objects.count() == 1


def test_a_new_key_opens_at_once_and_an_ended_one_within_seconds(
    web: Web, sender: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/in/alertmanager/"
    assert web.send(path + sender.key, document(sender)).status == 200
    _, second = actions.rotate_key(sender.source, actor=sender.world.admin, at=sender.world.now)
    assert web.send(path + second, document(sender)).status == 200
    assert web.send(path + sender.key, document(sender)).status == 200, "both are valid for a day"
    sender.world.traveller.shift(timedelta(hours=24, seconds=1))
    monkeypatch.setattr(keyring, "STALE", 0.0)
    assert web.send(path + sender.key, document(sender)).status == 404
    assert web.send(path + second, document(sender)).status == 200
    actions.disable_source(sender.source, actor=sender.world.admin, at=sender.world.now)
    assert web.send(path + second, document(sender)).status == 404
    actions.enable_source(sender.source, actor=sender.world.admin, at=sender.world.now)
    assert web.send(path + second, document(sender)).status == 200


def test_keys_are_forgotten_in_less_than_five_seconds() -> None:
    assert keyring.STALE + keyring.LOOKS_APART < 5


def test_guessing_keys_costs_the_database_the_same_however_many_guess(web: Web, sender: Machine) -> None:
    looks: list[float] = []
    first = keyring.Keyring._read

    async def counted(self: keyring.Keyring, now: object) -> None:
        looks.append(time.monotonic())
        await first(self, now)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(20) as crowd:
        patched.setattr(keyring.Keyring, "_read", counted)
        begun = time.monotonic()
        answers = list(crowd.map(lambda n: web.send(f"/in/alertmanager/in_{n}", b"{}").status, range(200)))
        spent = time.monotonic() - begun
    assert set(answers) == {404}
    assert len(looks) <= spent / keyring.LOOKS_APART + 2


def test_a_hundred_identical_deliveries_at_once_make_one_alert_and_one_incident(web: Web, sender: Machine) -> None:
    same = json.dumps(document(sender)).encode()
    with ThreadPoolExecutor(25) as crowd:
        answers = list(crowd.map(lambda _: web.send(f"/in/alertmanager/{sender.key}", same).status, range(100)))
    assert answers == [200] * 100
    assert Payload.objects.count() == 100

    def work() -> None:
        from django.db import connection

        try:
            actions.payloads_due(sender.world.now)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert not Payload.objects.exclude(state="done").exists()
    assert sender.alert("Disk").deliveries == 100
    assert sender.alert("Disk").occurrences.count() == 1
    assert len(sender.incidents()) == 1


def test_the_door_counts_what_comes_minute_by_minute(sender: Machine) -> None:
    with Web().running() as web:
        for body in (document(sender), document(sender), b"nonsense"):
            web.send(f"/in/alertmanager/{sender.key}", body)
    minute = SourceMinute.objects.get()
    assert (minute.source, minute.accepted, minute.refused) == (sender.source, 2, 1)
    assert AlertSource.objects.get().last_seen_at == sender.world.now


def test_a_source_that_is_gone_does_not_spoil_the_batch_of_the_others(web: Web, sender: Machine) -> None:
    other = Machine(sender.world, service="Search", name="Another")
    assert web.send(f"/in/alertmanager/{other.key}", document(sender)).status == 200
    other.source.delete()
    paths = [f"/in/alertmanager/{sender.key}", f"/in/alertmanager/{other.key}"] * 5
    with ThreadPoolExecutor(10) as crowd:
        answers = list(crowd.map(lambda path: web.send(path, document(sender)).status, paths))
    assert answers == [200, 404] * 5
    assert Payload.objects.count() == 5


def test_workers_are_told_at_once_that_something_arrived_and_a_dead_broker_hurts_nobody(
    web: Web, sender: Machine, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudge = Nudge("payloads", queue="intake")
    intake.after_commit(nudge)
    try:
        with redis.Redis.from_url(settings.REDIS_URL) as broker:  # type: ignore[attr-defined]
            broker.delete("intake")
            assert web.send(f"/in/alertmanager/{sender.key}", document(sender)).status == 200
            _, message = broker.blpop(["intake"], timeout=20)
        assert json.loads(message)["headers"]["argsrepr"] == "['payloads']"
        monkeypatch.setattr("config.celery.tick.apply_async", lambda *_args, **_more: 1 / 0)
        assert web.send(f"/in/alertmanager/{sender.key}", document(sender)).status == 200
    finally:
        intake.after_commit(payloads_arrived)


def test_a_flood_from_one_source_leaves_room_for_the_others() -> None:
    async def story() -> None:
        room = inbox.Inbox(after_commit=lambda: None)
        assert room.hold(1, inbox.MOST_BYTES // 2)
        assert not room.hold(1, 1), "one source holds half of the room at most"
        assert room.hold(2, 1000)
        room.release(1, inbox.MOST_BYTES // 2)
        assert room.hold(1, 1)
        flood = [inbox.Row(1, b"x", "", datetime(2026, 1, 5, tzinfo=UTC)) for _ in range(inbox.MOST_WAITING // 2)]
        room._running = asyncio.get_running_loop().create_future()  # type: ignore[assignment]  # a commit that hangs
        waiting = [asyncio.ensure_future(room.store(row)) for row in flood]
        await asyncio.sleep(0)
        with pytest.raises(inbox.Full):
            await room.store(inbox.Row(1, b"x", "", datetime(2026, 1, 5, tzinfo=UTC)))
        waiting.append(asyncio.ensure_future(room.store(inbox.Row(2, b"x", "", datetime(2026, 1, 5, tzinfo=UTC)))))
        await asyncio.sleep(0)
        assert 2 in {row.source for row in room._next_batch()[:2]}, "sources take turns"
        for one in waiting:
            one.cancel()

    asyncio.run(story())
