"""What each component is now: a person's word first, then the worst of what its open announcements say."""

from collections.abc import Iterable
from datetime import datetime

from statuspage import rollup
from statuspage.models import AffectedComponent, Component, StateInterval, StatusPage


def refresh(component_ids: Iterable[int], *, at: datetime, since: datetime | None = None) -> list[Component]:
    """Bring these components in line with what is said about them; those that changed.

    Trouble that begins is counted from `since` (when the incident began), trouble that ends until `since` (when it was
    resolved), where that is given; never from before what is known already. The caller is in a transaction.
    """
    changed = []
    wanted = sorted(set(component_ids))
    for component in (
        Component.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=wanted).order_by("pk")
    ):
        state = component.hand_state or _announced(component)
        if state == component.state:
            continue
        from_best = rollup.OPERATIONAL in {state, component.state}
        _turn(component, state, since if since is not None and since < at and from_best else at)
        component.state = state
        component.changed_at = at
        component.save(update_fields=["state", "changed_at"])
        changed.append(component)
    if changed:
        StatusPage.objects.filter(pk__in={component.page_id for component in changed}).changed(at)
    return changed


def begin(component: Component, *, at: datetime) -> None:
    """The first interval of a new component."""
    StateInterval.objects.create(component=component, state=component.state, started_at=at)


def _announced(component: Component) -> str:
    said = AffectedComponent.objects.filter(component=component, announcement__resolved_at=None)
    return rollup.worst(said.values_list("state", flat=True))


def _turn(component: Component, state: str, moment: datetime) -> None:
    """End the running interval and begin the next; one that would have lasted no time becomes the next itself."""
    running = StateInterval.objects.filter(component=component, ended_at=None).first()
    if running is not None and running.started_at >= moment:
        running.state = state
        running.save(update_fields=["state"])
        return
    if running is not None:
        running.ended_at = moment
        running.save(update_fields=["ended_at"])
    StateInterval.objects.create(component=component, state=state, started_at=moment)
