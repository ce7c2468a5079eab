"""What the pages of a schedule begin with."""

from django.http import Http404

from core.api_fields import found_by
from oncall.models import Schedule


def schedule_or_404(slug: str) -> Schedule:
    """The schedule of an address: by its slug, or by its id."""
    found = found_by(Schedule.objects.select_related("team"), slug[:200])
    if found is None:
        raise Http404
    assert isinstance(found, Schedule)
    return found
