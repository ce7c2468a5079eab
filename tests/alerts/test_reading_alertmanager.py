"""What Alertmanager says, and what anyone may say in its name: read totally, without a database."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts import severity
from alerts.normal import Action, NormalizedAlert, Unreadable, line, link, moment, text
from alerts.reading import read
from alerts.sources import alertmanager
from alerts.sources.alertmanager import sample

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CAPTURED = Path(__file__).parent.parent / "payloads" / "alertmanager"


def parse(document: Any) -> list[NormalizedAlert]:
    return alertmanager.parse(document).alerts


def captured(name: str) -> list[NormalizedAlert]:
    return parse(read((CAPTURED / f"{name}.json").read_bytes()))


def test_a_firing_alert_is_read_with_all_it_says() -> None:
    (alert,) = captured("firing")
    assert (alert.action, alert.title, alert.severity) == (
        Action.TRIGGER,
        "The disk of db-1 is <full> & sad",
        "critical",
    )
    assert alert.labels == {"alertname": "DiskFull", "instance": "db-1", "severity": "critical"}
    assert alert.group_key == '{}:{alertname="DiskFull"}'
    assert len(alert.dedup_key) == 16
    assert alert.starts_at is not None
    assert alert.ends_at is None, "year 1 is not a moment"
    assert [found.url for found in alert.links] == ["http://alertmanager.example.com:9093"]


def test_the_status_is_read_alert_by_alert() -> None:
    found = captured("firing-group-with-a-resolved-one")
    assert [alert.action for alert in found] == [Action.RESOLVE, Action.TRIGGER]
    assert found[0].ends_at is not None


def test_a_resolved_group_that_was_cut_ends_all_of_itself() -> None:
    assert [alert.action for alert in captured("truncated-firing")] == [Action.TRIGGER] * 2
    found = captured("truncated-resolved")
    assert [alert.action for alert in found] == [Action.RESOLVE, Action.RESOLVE, Action.END_GROUP]
    assert (found[2].group_key, found[2].ends_at) == ("{}:{}", max(found[0].ends_at, found[1].ends_at))


def test_odd_texts_are_made_clean() -> None:
    (alert,) = captured("odd-texts")
    assert alert.title == "line one line two"
    assert alert.body == "line one\nline two"
    assert alert.labels["note"] == "nul  inside"
    assert alert.severity == "", "“page” is no severity; the source's own counts"
    assert alert.starts_at == datetime(2024, 2, 29, 21, 59, 59, 123456, tzinfo=UTC)
    assert alert.links[0].url == "https://runbooks.example.com/odd"


def test_older_and_related_versions_are_read_too() -> None:
    (third,), (first,) = captured("version-3"), captured("version-1")
    assert third.group_key == "9007199254740993"
    assert third.dedup_key.startswith("labels:")
    assert first.dedup_key == captured("firing")[0].dedup_key
    same = json.loads((CAPTURED / "version-3.json").read_text())
    same["alerts"][0]["labels"] = dict(reversed(same["alerts"][0]["labels"].items()))
    assert parse(same)[0].dedup_key == third.dedup_key, "labels have no order"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "must be an object"),
        (None, "must be an object"),
        ({}, "a list “alerts”"),
        ({"alerts": {}}, "a list “alerts”"),
        ({"alerts": [5]}, r"alerts\[0\] must be an object"),
        ({"alerts": [None, {"labels": ["a"]}]}, r"alerts\[0\] must be an object"),
        ({"alerts": [{"labels": [["a", "b"]]}]}, r"alerts\[0\].labels must be an object"),
    ],
)
def test_a_shape_that_is_not_alertmanagers_is_refused_in_a_sentence(document: Any, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        parse(document)


def test_one_item_that_cannot_be_read_costs_none_of_the_others() -> None:
    good = json.loads((CAPTURED / "firing.json").read_text())["alerts"][0]
    found = alertmanager.parse({"alerts": [None, good, {"labels": ["a"]}, good, "x"]})
    assert [alert.title for alert in found.alerts] == ["The disk of db-1 is <full> & sad"] * 2
    assert found.unreadable == [
        "alerts[0] must be an object.", "alerts[2].labels must be an object.", "alerts[4] must be an object.",
    ]  # fmt: skip


def test_labels_of_any_value_become_texts_that_tell_alerts_apart() -> None:
    odd = {"alertname": "Disk", "port": 9100, "up": False, "tags": ["a", 1], "more": {"x": None}, "none": None}
    first, second, deeper, deepest = parse(
        {"alerts": [{"labels": labels} for labels in (
            odd, {**odd, "port": 9101}, {**odd, "tags": deep(20_000)}, {**odd, "port": 1, "tags": deep(20_000)},
        )]}
    )  # fmt: skip
    assert first.labels == {
        "alertname": "Disk", "port": "9100", "up": "false", "tags": '["a",1]', "more": '{"x":null}', "none": "",
    }  # fmt: skip
    assert deeper.labels["tags"] == ""
    assert len({alert.dedup_key for alert in (first, second, deeper, deepest)}) == 4


@pytest.mark.parametrize("alerts", [None, []])
def test_a_group_without_alerts_is_no_mistake(alerts: Any) -> None:
    assert parse({"alerts": alerts}) == []


def deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "odd",
    [None, True, 0, -1.5, 10**400, math.inf, math.nan, "", " ", "\x00", "\ud800", "☠" * 5000, [], {}, {"a": [1]},
     [[[]]], deep(800), "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "2024-02-30T00:00:00Z",
     "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z", "2024-01-01T00:00:00+99:99", "1e400", "javascript:alert(1)"],
    ids=lambda value: repr(type(value)),
)  # fmt: skip
@pytest.mark.parametrize(
    "field",
    ["status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint", "groupKey", "version",
     "externalURL", "truncatedAlerts", "alerts"],
)  # fmt: skip
def test_whatever_stands_in_a_field_the_answer_is_alerts_or_a_sentence(field: str, odd: Any) -> None:
    base = json.loads((CAPTURED / "firing.json").read_text())
    for place in (base, base["alerts"][0], base["alerts"][0]["labels"], base["alerts"][0]["annotations"]):
        document = json.loads(json.dumps(base))
        for path, target in (
            (base, document),
            (base["alerts"][0], document["alerts"][0]),
            (base["alerts"][0]["labels"], document["alerts"][0]["labels"]),
            (base["alerts"][0]["annotations"], document["alerts"][0]["annotations"]),
        ):
            if path is place:
                target[field] = odd
        check_total(document)


def check_total(document: Any) -> None:
    try:
        found = parse(document)
    except Unreadable:
        return
    for alert in found:
        texts = [alert.title, alert.body, alert.dedup_key, alert.group_key, *alert.labels, *alert.labels.values()]
        for words in texts:
            words.encode("utf-8")
            assert "\x00" not in words
        assert "\n" not in alert.title
        assert len(alert.title) <= 300
        for when in (alert.starts_at, alert.ends_at):
            assert when is None or 1 <= when.year <= 9000
        for made in alert.links:
            assert made.url.startswith(("http://", "https://"))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=30)
    | st.sampled_from(["firing", "resolved", "2024-01-01T00:00:00Z", "http://x", "critical"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["status", "labels", "annotations", "alerts", "startsAt", "endsAt", "fingerprint", "groupKey",
                         "truncatedAlerts", "summary", "runbook_url", "dashboard", "severity", "generatorURL"])
        | st.text(max_size=5),
        inner,
        max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values)
def test_no_document_at_all_breaks_the_parser(document: Any) -> None:
    check_total(document)
    check_total({"alerts": [document, {"labels": document, "annotations": document, "status": document}]})
    check_total({"alerts": [{"labels": {"a": document}, "annotations": {"summary": document}}], "groupKey": document})


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda words: words.encode("utf-8", "surrogatepass")))
def test_no_bytes_at_all_break_the_reader(body: bytes) -> None:
    try:
        found = read(body)
    except Unreadable:
        return
    check_total(found)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"\xef\xbb\xbf[1]", [1]),
        ('["x"]'.encode("utf-16"), ["x"]),
        (b"[NaN, Infinity, -Infinity]", [None, None, None]),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"[9007199254740993]", [9007199254740993]),
    ],
)
def test_json_of_every_kind_is_read(body: bytes, value: Any) -> None:
    assert read(body) == value


@pytest.mark.parametrize(
    "body", [b"", b"  ", b"{", b"\xff", b"[" * 100_000, b"nul\x00", b"[1" + b"0" * 5000 + b"x]", b'"\x01"']
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)
    assert isinstance(read(b"[" + b"9" * 5000 + b"]")[0], str)


@pytest.mark.parametrize(
    ("said", "moment_of"),
    [
        ("2024-02-29T23:59:59Z", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
        ("2024-02-29 23:59:59.123456789+01:00", datetime(2024, 2, 29, 22, 59, 59, 123456, tzinfo=UTC)),
        ("2024-02-29T23:59:59", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
        ("2024-02-29t23:59:59z", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T00:00:00Z", None),
        ("2023-02-29T00:00:00Z", None),
        ("2024-01-01T24:00:00Z", None),
        ("2024-01-01T00:00:00+99:99", None),
        ("1700000000", None),
        (1700000000, None),
        ("٢٠٢٤-01-01T00:00:00Z", None),
    ],
)
def test_moments_are_read_or_left_out(said: Any, moment_of: datetime | None) -> None:
    assert moment(said) == moment_of


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://a.example.com/x?y=1", "https://a.example.com/x?y=1"),
        (" ht\ntps://a.example.com ", "https://a.example.com"),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("//a.example.com", None),
        ("https://", None),
        ("http://[::1", None),
        ("HTTPS://A.example.com", "https://A.example.com"),
        (5, None),
        ("https://" + "a" * 3000, None),
    ],
)
def test_only_links_a_browser_may_follow_are_kept(address: Any, kept: str | None) -> None:
    made = link("x", address)
    assert (made and made.url) == kept


def test_texts_are_clean() -> None:
    assert text("a\x00b\ud800c\x07\n\td") == "ab\ufffdc\n\td"
    assert line(" a\n\u202eb  c ") == "a b c"
    assert len(line("☠" * 1000)) == 300
    assert text({"a": [1]}) == '{"a":[1]}'
    assert text(deep(900)) == "" or text(deep(900)).startswith("[")


@pytest.mark.parametrize(
    ("word", "level", "code"),
    [
        ("critical", "critical", "SEV1"), ("CRIT", "critical", "SEV1"), ("P1", "critical", "SEV1"),
        ("high", "error", "SEV2"), ("p2", "error", "SEV2"), ("warning", "warning", "SEV3"),
        ("minor", "warning", "SEV3"), ("info", "info", "SEV4"),
        ("none", "info", "SEV4"), ("SEV2", "error", "SEV2"), ("sev-4", "info", "SEV4"),
        ("sev0", "critical", "SEV1"), ("page", "", "SEV2"), ("☠", "", "SEV2"), ("", "", "SEV2"),
    ],
)  # fmt: skip
def test_a_machines_word_becomes_one_of_our_severities(word: str, level: str, code: str) -> None:
    said = severity.said(word)
    assert said.level == level
    assert severity.wanted(said.level, said.asked, default="SEV2") == code
    assert severity.wanted("", "", default="") == "SEV3"


def test_a_sample_is_read_like_the_real_thing() -> None:
    (fired,) = parse(sample(AT, name="X", mark="m", firing=True))
    (ended,) = parse(sample(AT, name="X", mark="m", firing=False))
    assert (fired.action, ended.action) == (Action.TRIGGER, Action.RESOLVE)
    assert fired.dedup_key == ended.dedup_key
