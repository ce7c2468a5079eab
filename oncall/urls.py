"""Pages of oncall/."""

from django.urls import path

from oncall.views import absences, me, now, overrides, policies, rotations, schedules, services, swaps, templates

app_name = "oncall"
urlpatterns = [
    path("", now.now, name="now"),
    path("me/", me.me, name="me"),
    path("me/test/", me.test_page, name="test-page"),
    path("swaps/", swaps.swaps, name="swaps"),
    path("swaps/new/", swaps.new, name="new-swap"),
    path("swaps/<int:pk>/", swaps.swap, name="swap"),
    path("swaps/<int:pk>/accept/", swaps.accept, name="accept-swap"),
    path("swaps/<int:pk>/decline/", swaps.decline, name="decline-swap"),
    path("swaps/<int:pk>/withdraw/", swaps.withdraw, name="withdraw-swap"),
    path("absences/new/", absences.new, name="new-absence"),
    path("absences/<int:pk>/withdraw/", absences.withdraw, name="withdraw-absence"),
    path("schedules/", schedules.schedules, name="schedules"),
    path("schedules/new/", schedules.new, name="new-schedule"),
    path("schedules/for-team/<int:pk>/", schedules.for_team, name="schedule-for-team"),
    path("schedules/<str:slug>/", schedules.schedule, name="schedule"),
    path("schedules/<str:slug>/edit/", schedules.edit, name="edit-schedule"),
    path("schedules/<str:slug>/remove/", schedules.remove, name="remove-schedule"),
    path("schedules/<str:slug>/fill/", templates.fill, name="fill-schedule"),
    path("schedules/<str:slug>/rotations/new/", rotations.new, name="new-rotation"),
    path("schedules/<str:slug>/rotations/<int:pk>/", rotations.edit, name="edit-rotation"),
    path("schedules/<str:slug>/rotations/<int:pk>/remove/", rotations.remove, name="remove-rotation"),
    path("schedules/<str:slug>/overrides/new/", overrides.new, name="new-override"),
    path("schedules/<str:slug>/overrides/<int:pk>/remove/", overrides.remove, name="remove-override"),
    path("policies/", policies.policies, name="policies"),
    path("policies/new/", policies.new, name="new-policy"),
    path("policies/<int:pk>/", policies.policy, name="policy"),
    path("policies/<int:pk>/edit/", policies.edit, name="edit-policy"),
    path("policies/<int:pk>/remove/", policies.remove, name="remove-policy"),
    path("of/<str:slug>/", services.of_service, name="of-service"),
]
