"""Alertmanager as a story needs it: fires and resolves alerts, late, twice, in any order."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from alerts.actions import create_source, payloads_due
from alerts.models import Alert, AlertSource, Payload
from incidents.models import Incident
from tests.world import World

NEVER = "0001-01-01T00:00:00Z"


def fingerprint(labels: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(labels, sort_keys=True).encode()).hexdigest()[:16]


def alert(
    name: str, *, firing: bool = True, starts: datetime, ends: datetime | None = None, **labels: str
) -> dict[str, Any]:
    known = {"alertname": name, **labels}
    return {
        "status": "firing" if firing else "resolved",
        "labels": known,
        "annotations": {"summary": f"{name} is wrong", "description": "More words."},
        "startsAt": starts.isoformat(),
        "endsAt": ends.isoformat() if ends else NEVER,
        "generatorURL": "http://prometheus.example.com/graph?g0.expr=up",
        "fingerprint": fingerprint(known),
    }


def group(*alerts: dict[str, Any], key: str = "", **more: Any) -> dict[str, Any]:
    firing = any(one["status"] == "firing" for one in alerts)
    return {
        "version": "4",
        "groupKey": key or '{}:{alertname="' + alerts[0]["labels"]["alertname"] + '"}',
        "truncatedAlerts": 0,
        "status": "firing" if firing else "resolved",
        "receiver": "muster",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example.com:9093",
        "alerts": list(alerts),
        **more,
    }


class Machine:
    """One source with its tool. What it says lies in the inbox until `read`."""

    def __init__(self, world: World, service: str = "Payments", name: str = "Alertmanager") -> None:
        self.world = world
        self.service = world.service(service)
        self.source, self.key = create_source(
            name=name, kind="alertmanager", service=self.service, actor=world.admin, at=world.now
        )

    def say(self, document: Any, *, read: bool = True) -> Payload:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        payload = Payload.objects.create(
            source=self.source, body=body, received_at=self.world.now, next_attempt_at=self.world.now
        )
        if read:
            self.read()
        payload.refresh_from_db()
        return payload

    def read(self) -> None:
        payloads_due(self.world.now)

    def fires(
        self, name: str, *, read: bool = True, started: datetime | None = None, key: str = "", **labels: str
    ) -> Payload:
        return self.say(group(alert(name, starts=started or self.world.now, **labels), key=key), read=read)

    def resolves(
        self, name: str, *, read: bool = True, started: datetime | None = None, ended: datetime | None = None,
        key: str = "", **labels: str,
    ) -> Payload:  # fmt: skip
        ended = ended or self.world.now
        starts = started or ended - timedelta(minutes=1)
        return self.say(group(alert(name, firing=False, starts=starts, ends=ended, **labels), key=key), read=read)

    def alert(self, name: str, **labels: str) -> Alert:
        return Alert.objects.get(source=self.source, dedup_key=fingerprint({"alertname": name, **labels}))

    def incidents(self) -> list[Incident]:
        return list(Incident.objects.order_by("number"))

    @property
    def fresh(self) -> AlertSource:
        return AlertSource.objects.get(pk=self.source.pk)
