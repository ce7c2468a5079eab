"""What tells an alert from its siblings at a glance. Pure."""

from collections.abc import Mapping

FIRST = (
    *("instance", "host", "hostname", "node", "pod", "container", "device", "mountpoint", "queue", "topic", "url"),
    *("endpoint", "shard", "job", "namespace", "cluster", "region", "zone"),
)
SAID_ELSEWHERE = {"alertname", "severity", "service", "prometheus", "receiver", "monitor", "muster_test"}
MOST, MOST_IN_A_PAGE = 2, 6


def telling(labels: Mapping[str, str]) -> list[str]:
    """The labels that say which one it is, as “name=value”: two at most."""
    return [f"{name}={labels[name][:60]}" for name in _names(labels)[:MOST]]


def most_telling(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels that a page carries, the most telling first."""
    return {name: labels[name] for name in _names(labels)[:MOST_IN_A_PAGE]}


def _names(labels: Mapping[str, str]) -> list[str]:
    names = [name for name in FIRST if labels.get(name)]
    return names + [
        name for name in sorted(labels) if name not in FIRST and name not in SAID_ELSEWHERE and labels[name]
    ]


FAMILY = {"critical": "red", "error": "orange", "warning": "amber", "info": "slate"}
