"""Prometheus Alertmanager's webhook (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config).

Reads version "4" and its relatives of the same shape: "3" (a whole number as groupKey, no fingerprint) and "1" (the
incident.io and Grafana receivers). The status is read alert by alert: a firing group holds resolved ones too.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from alerts import severity
from alerts.normal import BODY, KEY, Action, Link, NormalizedAlert, Parsed, Unreadable, labels, line, link, moment, text

MOST = 50_000
NOT_ENDED = "0001-01-01T00:00:00Z"


def check(document: Any) -> list[Any]:
    """The document's alerts; `Unreadable` unless it is an object with a list “alerts” that is empty or holds one that
    can be read. It looks no further than the first such one."""
    if not isinstance(document, dict):
        raise Unreadable("The top level must be an object, as Alertmanager's webhook sends it.")
    found = document.get("alerts", document)
    if found is None:
        return []
    if not isinstance(found, list):
        raise Unreadable("There must be a list “alerts” at the top level, as in Alertmanager's webhook.")
    if len(found) > MOST:
        raise Unreadable(f"There are {len(found)} alerts in one payload; at most {MOST} can be read.")
    if found and all(_trouble(index, said) for index, said in enumerate(found)):
        raise Unreadable(_trouble(0, found[0]))
    return found


def _trouble(index: int, said: Any) -> str:
    """Why an item of the list cannot be read; empty where it can."""
    if not isinstance(said, dict):
        return f"alerts[{index}] must be an object."
    if not isinstance(said.get("labels") or {}, dict):
        return f"alerts[{index}].labels must be an object."
    return ""


def parse(document: Any) -> Parsed:
    """Every alert of the payload that can be read, in its order, and at the end that the group is over where
    Alertmanager says so without listing all of it (max_alerts). `Unreadable` where `check` says so."""
    alerts = check(document)
    group = _group_key(document.get("groupKey"))
    status = _word(document.get("status"))
    outside = link("Alertmanager", document.get("externalURL"))
    troubles = [_trouble(index, said) for index, said in enumerate(alerts)]
    readable = (said for said, trouble in zip(alerts, troubles, strict=True) if not trouble)
    found = [_alert(said, group, status, outside) for said in readable]
    if status == "resolved" and group and _number(document.get("truncatedAlerts")) > 0:
        ends = [alert.ends_at for alert in found if alert.ends_at]
        found.append(NormalizedAlert("", Action.END_GROUP, "", group_key=group, ends_at=max(ends) if ends else None))
    return Parsed(found, [trouble for trouble in troubles if trouble])


def _alert(said: dict[str, Any], group: str, group_status: str, outside: Link | None) -> NormalizedAlert:
    raw = said.get("labels") or {}
    notes = said.get("annotations")
    notes = notes if isinstance(notes, dict) else {}
    known = labels(raw)
    status = _word(said.get("status"))
    status = status if status in {"firing", "resolved"} else group_status
    level = severity.said(known.get("severity", ""))
    return NormalizedAlert(
        dedup_key=_fingerprint(said.get("fingerprint"), raw),
        action=Action.RESOLVE if status == "resolved" else Action.TRIGGER,
        title=_title(known, notes),
        group_key=group,
        severity=level.level,
        asked=level.asked,
        body=text(notes.get("description") or notes.get("message") or notes.get("summary"), BODY),
        labels=known,
        links=_links(notes, said.get("generatorURL"), outside),
        starts_at=moment(said.get("startsAt")),
        ends_at=moment(said.get("endsAt")),
    )


def _title(known: Mapping[str, str], notes: Mapping[Any, Any]) -> str:
    for said in (notes.get("summary"), notes.get("title"), notes.get("description"), notes.get("message")):
        words = line(said)
        if words:
            return words
    name = line(known.get("alertname", ""))
    where = next((known[key] for key in ("instance", "pod", "job") if known.get(key)), "")
    if name:
        return line(f"{name} on {where}") if where else name
    return next((words for value in known.values() if (words := line(value))), "")


def _links(notes: Mapping[Any, Any], generator: Any, outside: Link | None) -> tuple[Link, ...]:
    asked = [("Runbook", notes.get("runbook_url") or notes.get("runbook"))]
    asked += [
        (str(name).replace("_", " ").capitalize(), value)
        for name, value in list(notes.items())[:50]
        if isinstance(name, str) and name.lower().startswith("dashboard")
    ]
    asked.append(("Query", generator))
    found = [made for title, address in asked[:10] if (made := link(title, address))]
    return tuple([*found, outside] if outside else found)


def _fingerprint(said: Any, raw: Mapping[Any, Any]) -> str:
    """Alertmanager's own fingerprint, or else a hash of all labels as they were sent (of their texts, where they are
    nested too deeply to be written down)."""
    if isinstance(said, str) and (known := text(said, KEY).strip()):
        return known
    try:
        whole = json.dumps(raw, sort_keys=True)
    except (RecursionError, ValueError, TypeError):
        whole = json.dumps(labels(raw), sort_keys=True)
    return "labels:" + hashlib.sha256(whole.encode()).hexdigest()


def _group_key(said: Any) -> str:
    return text(said, KEY) if isinstance(said, str | int) and not isinstance(said, bool) else ""


def _word(said: Any) -> str:
    return said.strip().lower() if isinstance(said, str) and len(said) < 40 else ""


def _number(said: Any) -> int:
    return said if isinstance(said, int) and not isinstance(said, bool) else 0


def sample(at: datetime, *, name: str, mark: str, firing: bool) -> dict[str, Any]:
    """A payload of one alert as Alertmanager would send it, for trying out a source."""
    status = "firing" if firing else "resolved"
    known = {"alertname": "MusterTest", "severity": "info", "muster_test": mark}
    notes = {
        "summary": f"Test alert from {name}",
        "description": "Somebody pressed “Send a test alert” on the page of this source. Nothing is broken.",
    }
    alert = {
        "status": status,
        "labels": known,
        "annotations": notes,
        "startsAt": at.astimezone(UTC).isoformat(),
        "endsAt": NOT_ENDED if firing else at.astimezone(UTC).isoformat(),
        "generatorURL": "",
        "fingerprint": f"muster-test-{mark}",
    }
    return {
        "version": "4",
        "groupKey": f'{{}}:{{muster_test="{mark}"}}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "muster",
        "groupLabels": {"muster_test": mark},
        "commonLabels": known,
        "commonAnnotations": notes,
        "externalURL": "",
        "alerts": [alert],
    }


def setup(url: str) -> str:
    """What to put into alertmanager.yml so that everything goes to `url`."""
    return f"""\
route:
  receiver: muster
  group_by: [alertname, cluster, service]
  group_wait: 0s        # Muster groups alerts itself: the first one must not wait
  group_interval: 10s   # how soon Muster hears that more fired, or that it is over
  repeat_interval: 4h

receivers:
  - name: muster
    webhook_configs:
      - url: {url}
        send_resolved: true
"""
