"""The public page is files: they answer whatever else is broken, and answer as a good web server does."""

import gzip
import os
import socket
from pathlib import Path

import brotli
import pytest
from django.db import connections
from django.test.utils import override_settings

from statuspage import serving
from tests.statuspage.reader import read
from tests.world import World


@pytest.fixture
def page(world: World) -> World:
    world.tick()
    return world


def test_a_fresh_installation_answers_at_status_before_anybody_configured_it(page: World) -> None:
    answer = read("/status/")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "All systems operational" in answer.text


def test_before_the_first_file_is_written_the_answer_is_a_plain_404(world: World) -> None:
    assert read("/status/").status == 404


def test_the_page_stands_alone_its_styles_come_from_the_same_files(page: World) -> None:
    text = read("/status/").text
    style = text.split('rel="stylesheet" href="')[1].split('"')[0]
    assert style.startswith("/status/assets/status.")
    answer = read(style)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in answer.headers["cache-control"]
    assert "/static/" not in text
    assert "<script" not in text


def test_a_reader_who_has_it_already_gets_304_by_tag_and_by_date(page: World) -> None:
    first = read("/status/")
    again = read("/status/", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert read("/status/", if_none_match='W/"x", ' + first.headers["etag"]).status == 304
    assert read("/status/", if_none_match='"other"').status == 200
    assert read("/status/", if_modified_since=first.headers["last-modified"]).status == 304
    assert read("/status/", if_modified_since="Mon, 01 Jan 2001 00:00:00 GMT").status == 200
    assert read("/status/", if_modified_since="not a date").status == 200
    assert read("/status/", if_none_match='"other"', if_modified_since=first.headers["last-modified"]).status == 200


def test_it_is_sent_compressed_to_who_can_read_that_each_encoding_with_its_own_strong_tag(page: World) -> None:
    plain = read("/status/")
    small = read("/status/", accept_encoding="gzip, deflate, br")
    assert small.headers["content-encoding"] == "br"
    assert brotli.decompress(small.body) == plain.body
    zipped = read("/status/", accept_encoding="gzip, br;q=0")
    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == plain.body
    tags = {plain.headers["etag"], small.headers["etag"], zipped.headers["etag"]}
    assert len(tags) == 3
    assert all(tag.startswith('"') for tag in tags)
    assert all(answer.headers["vary"] == "accept-encoding" for answer in (plain, small, zipped))
    assert "content-encoding" not in read("/status/", accept_encoding="identity").headers


def test_head_tells_the_same_without_the_body(page: World) -> None:
    got, told = read("/status/"), read("/status/", method="HEAD")
    assert (told.status, told.body) == (200, b"")
    assert told.headers == got.headers
    assert int(told.headers["content-length"]) == len(got.body)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_it_can_only_be_read(page: World, method: str) -> None:
    answer = read("/status/", method=method)
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert "location" not in read("/status", method="POST").headers


def test_a_forgotten_slash_is_forgiven(page: World) -> None:
    assert read("/status").headers["location"] == "/status/"
    assert read("/status/history").headers["location"] == "/status/history/"
    assert read("/status/main/").headers["location"] == "/status/"
    assert read("/status/main/history/").headers["location"] == "/status/history/"


def test_the_answers_are_locked_down(page: World) -> None:
    html, document = read("/status/").headers, read("/status/api/v2/summary.json").headers
    assert "default-src 'none'" in html["content-security-policy"]
    assert "style-src 'self'" in html["content-security-policy"]
    assert "unsafe" not in html["content-security-policy"]
    assert html["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in html
    assert document["access-control-allow-origin"] == "*"
    assert "set-cookie" not in html


@pytest.mark.parametrize(
    "path",
    [
        "/status/../secret.txt",
        "/status/%2e%2e/secret.txt",
        "/status/..%2fsecret.txt",
        "/status//etc/passwd",
        "/status/history/../../secret.txt",
        "/status/.muster/default",
        "/status/.muster/",
        "/status/history/..",
        "/status/a\x00b",
        "/status/..\\secret.txt",
        "/status/index.html.br",
        "/status/" + "a/" * 50,
        "/status/" + "a" * 5000,
        "/status/häuser",
        "/status/\udc80",
        "/status///evil.example",
    ],
)
def test_nothing_but_the_public_files_can_be_reached(page: World, path: str) -> None:
    (page.folder / "secret.txt").write_text("the secret")
    answer = read(path) if "\udc80" not in path else read(path.replace("\udc80", "\ufffd"))
    assert answer.status == 404
    assert b"the secret" not in answer.body
    assert "There is nothing at this address" in answer.text


def test_a_link_out_of_the_folder_made_by_nobody_we_know_is_the_only_way_out(page: World) -> None:
    assert sorted(path.name for path in Path(page.settings.STATUS_ROOT).iterdir() if path.is_symlink()) == []


def test_a_changed_file_is_served_at_once_and_a_removed_one_no_more(page: World) -> None:
    path = Path(page.settings.STATUS_ROOT) / "note.html"
    path.write_text("one")
    assert read("/status/note.html").text == "one"
    path.with_suffix(".new").write_text("two")
    os.replace(path.with_suffix(".new"), path)
    assert read("/status/note.html").text == "two"
    path.unlink()
    assert read("/status/note.html").status == 404


def test_memory_holds_a_limited_number_of_bytes(page: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MOST_BYTES", 2000)
    folder = Path(page.settings.STATUS_ROOT)
    for number in range(10):
        (folder / f"{number}.txt").write_text("x" * 500)
        assert read(f"/status/{number}.txt").status == 200
    assert serving.shelf().size <= 2000


def test_it_answers_with_the_database_and_redis_away(page: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OSError("the network is gone")

    with monkeypatch.context() as broken, override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        for connection in connections.all():
            broken.setattr(connection, "cursor", gone)
            broken.setattr(connection, "ensure_connection", gone)
        broken.setattr(socket.socket, "connect", gone)
        for path in ("/status/", "/status/history/", "/status/api/v2/summary.json", "/status/history.atom"):
            assert read(path).status == 200
        assert read("/status/nowhere/").status == 404
