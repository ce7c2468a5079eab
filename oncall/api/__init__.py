"""The API of oncall/: schedules, escalation policies, swaps, absences, and services with what pages for them."""

from core.api import router
from oncall.api.cover import AbsenceViewSet, SwapViewSet
from oncall.api.policies import PolicyViewSet
from oncall.api.schedules import ScheduleViewSet
from oncall.api.services import PagedServiceViewSet

addresses = router()
addresses.register("schedules", ScheduleViewSet, basename="schedule")
addresses.register("escalation-policies", PolicyViewSet, basename="escalation-policy")
addresses.register("swaps", SwapViewSet, basename="swap")
addresses.register("absences", AbsenceViewSet, basename="absence")
addresses.register("services", PagedServiceViewSet, basename="service")
urlpatterns = addresses.urls
