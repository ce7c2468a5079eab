"""Alerts of a batch to rows, in few statements however many they are.

Deliveries are judged in their order. A batch is cut into waves in which no alert changes its state twice, so that one
which fired, ended and fired again while we were away leaves the same story as if we had been there.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from alerts import grouping, states
from alerts.actions import meeting, rows
from alerts.actions.meeting import Candidate
from alerts.models import Alert, AlertSource
from alerts.normal import Action, NormalizedAlert, key_digest
from alerts.states import Standing, Verdict
from catalog.models import Severity

Ingested = dict[int, list[int]]  # payload id → ids of the alerts it spoke of


class Delivery(NamedTuple):
    """One payload as far as its alerts are concerned."""

    pk: int
    received_at: datetime
    trial: str
    read_at: datetime | None  # when it was read before, where a person asked for it again
    body: bytes | memoryview


Reading = tuple[Delivery, list[NormalizedAlert]]


@dataclass(slots=True)
class _Wave:
    touched: dict[bytes, Alert] = field(default_factory=dict)
    changed: set[bytes] = field(default_factory=set)
    candidates: dict[bytes, Candidate] = field(default_factory=dict)
    grown: dict[bytes, Severity] = field(default_factory=dict)
    resolved: list[tuple[Alert, int]] = field(default_factory=list)
    came_resolved: list[tuple[Alert, int]] = field(default_factory=list)


def ingest(
    source: AlertSource, readings: Sequence[tuple[Delivery, list[NormalizedAlert]]], *, at: datetime
) -> Ingested:
    """Make every alert of the payloads stand as they say. The caller holds the source's lock and a transaction."""
    return _Batch(source, readings, at).run()


class _Batch:
    def __init__(self, source: AlertSource, readings: Sequence[Reading], at: datetime) -> None:
        self.source, self.readings, self.at = source, readings, at
        said = [alert for _payload, alerts in readings for alert in alerts]
        self.groups = rows.groups(source, {alert.group_key for alert in said if alert.group_key})
        self.known = rows.known(source, {key_digest(alert.dedup_key) for alert in said if alert.dedup_key})
        self.spoken_of: dict[int, dict[bytes, Alert]] = defaultdict(dict)
        self.wave = _Wave()

    def run(self) -> Ingested:
        for payload, alerts in self.readings:
            for said in alerts:
                if said.action is Action.END_GROUP:
                    self._end_group(payload, said)
                else:
                    self._hear(payload, said)
        self._flush()
        return {pk: [alert.pk for alert in alerts.values()] for pk, alerts in self.spoken_of.items()}

    def _hear(self, payload: Delivery, said: NormalizedAlert) -> None:
        digest = key_digest(said.dedup_key)
        alert = self.known.get(digest)
        verdict, standing = states.judge(
            _standing(alert),
            said.action,
            starts_at=said.starts_at,
            ends_at=said.ends_at,
            received_at=payload.received_at,
        )
        if verdict in states.CHANGES and digest in self.wave.changed:
            self._flush()
        if alert is None:
            alert = self.known[digest] = Alert(source=self.source, dedup_digest=digest, deliveries=0)
        self._note(payload, alert, digest)
        if verdict is Verdict.LATE:
            return
        alert.started_at, alert.newest_start_at = standing.started_at, standing.newest_start_at
        alert.resolved_at, alert.said_end_at = standing.resolved_at, standing.said_end_at
        if verdict is not Verdict.RESOLVES:
            before = self._asked(alert, said) if verdict is Verdict.REPEATS else None
            self._describe(alert, said, payload)
            if before is not None:
                self._compare(digest, before, meeting.wanted(self.source, alert, said.asked))
        if verdict in states.CHANGES:
            self.wave.changed.add(digest)
            alert.changed_at = self.at
            alert.state = Alert.State.RESOLVED if standing.resolved_at else Alert.State.FIRING
        if verdict is Verdict.RESOLVES:
            self.wave.resolved.append((alert, payload.pk))
        elif verdict is Verdict.CAME_RESOLVED:
            self.wave.came_resolved.append((alert, payload.pk))
        elif digest not in self.wave.candidates and (verdict is Verdict.OPENS or _is_lonely(alert)):
            group = self.groups.get(said.group_key)
            is_new = verdict is Verdict.OPENS
            self.wave.changed.add(digest)
            self.wave.candidates[digest] = Candidate(alert, is_new, group, said.asked, payload.trial, payload.pk)

    def _asked(self, alert: Alert, said: NormalizedAlert) -> Severity | None:
        """The severity that the alert has asked for so far, if this delivery may ask for another."""
        if (alert.severity, alert.labels.get("severity")) == (said.severity, said.labels.get("severity")):
            return None
        return meeting.wanted(self.source, alert, "")

    def _compare(self, digest: bytes, before: Severity, after: Severity) -> None:
        """Within one episode the worst counts, as it does for alerts that join; nothing is lowered by a machine."""
        if candidate := self.wave.candidates.get(digest):
            known = [before, after, candidate.worst] if candidate.worst else [before, after]
            candidate.worst = min(known, key=_rank)
        elif after.rank < before.rank:
            self.wave.grown[digest] = min(self.wave.grown.get(digest, after), after, key=_rank)

    def _note(self, payload: Delivery, alert: Alert, digest: bytes) -> None:
        alert.deliveries += 1
        alert.last_payload_id = payload.pk
        alert.last_seen_at = max(alert.last_seen_at or payload.received_at, payload.received_at)
        self.wave.touched[digest] = alert
        self.spoken_of[payload.pk][digest] = alert

    def _describe(self, alert: Alert, said: NormalizedAlert, payload: Delivery) -> None:
        alert.dedup_key, alert.title, alert.body = said.dedup_key, said.title or self.source.name, said.body
        alert.severity, alert.labels = said.severity, dict(said.labels)
        alert.links = [{"title": link.title, "url": link.url} for link in said.links]
        alert.group = self.groups.get(said.group_key)
        alert.service = self.source.service
        alert.is_test = bool(payload.trial)

    def _end_group(self, payload: Delivery, said: NormalizedAlert) -> None:
        """Alertmanager ended a group without listing all of it."""
        self._flush()
        for row in rows.firing_of(self.groups[said.group_key]):
            digest = bytes(row.dedup_digest)
            alert = self.known.setdefault(digest, row)
            end = min(said.ends_at or payload.received_at, payload.received_at)
            alert.state, alert.resolved_at, alert.said_end_at = Alert.State.RESOLVED, end, said.ends_at and end
            alert.changed_at = self.at
            self._note(payload, alert, digest)
            self.wave.resolved.append((alert, payload.pk))
        self._flush()

    def _flush(self) -> None:
        wave, self.wave = self.wave, _Wave()
        if not wave.touched:
            return
        candidates = list(wave.candidates.values())
        ended = {id(c): c.alert.incident.resolved_at for c in candidates if c.alert.incident and not c.is_new_episode}
        for candidate in candidates:
            if candidate.trial:
                candidate.alert.incident = None
        met = meeting.meet(self.source, candidates, at=self.at)
        for candidate in candidates:
            if candidate.is_new_episode and candidate.why in grouping.WITHOUT_INCIDENT:
                candidate.alert.incident = None
        rows.save(self.source, list(wave.touched.values()))
        rows.save_groups({c.group.pk: c.group for c in met if c.group})
        known = {id(c) for c in met}
        opening = [c for c in candidates if c.is_new_episode or id(c) in known]
        rows.close([(c.alert.pk, ended.get(id(c)) or self.at, None) for c in opening])
        rows.open_episodes(opening, met_at=self.at)
        rows.close([(alert.pk, alert.resolved_at or self.at, payload) for alert, payload in wave.resolved])
        rows.keep_past(wave.came_resolved)
        meeting.tell_fired(self.source, met, at=self.at)
        meeting.grow_worse(self.source, [(wave.touched[one], asked) for one, asked in wave.grown.items()], at=self.at)
        meeting.part(self.source, [alert for alert, _payload in wave.resolved], actor_name=self.source.name, at=self.at)


def _standing(alert: Alert | None) -> Standing | None:
    if alert is None:
        return None
    return Standing(alert.started_at, alert.newest_start_at, alert.resolved_at, alert.said_end_at)


def _rank(severity: Severity) -> int:
    return severity.rank


def _is_lonely(alert: Alert) -> bool:
    """Whether a firing alert has no open incident, so that its repetition must be judged again."""
    return not alert.is_test and (alert.incident is None or not alert.incident.is_open)
