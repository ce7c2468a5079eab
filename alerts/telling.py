"""What tells an alert from its siblings at a glance. Pure."""

from collections.abc import Mapping

FIRST = (
    *("instance", "host", "hostname", "node", "pod", "container", "device", "mountpoint", "queue", "topic", "url"),
    *("endpoint", "shard", "job", "namespace", "cluster", "region", "zone"),
)
SAID_ELSEWHERE = {"alertname", "severity", "service", "prometheus", "receiver", "monitor", "muster_test"}
MOST = 2


def telling(labels: Mapping[str, str]) -> list[str]:
    """The labels that say which one it is, as “name=value”: two at most."""
    names = [name for name in FIRST if labels.get(name)]
    names += [name for name in sorted(labels) if name not in FIRST and name not in SAID_ELSEWHERE and labels[name]]
    return [f"{name}={labels[name][:60]}" for name in names[:MOST]]


FAMILY = {"critical": "red", "error": "orange", "warning": "amber", "info": "slate"}
