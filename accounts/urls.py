"""Pages of accounts/."""

from django.urls import path

from accounts.views import audit, invitations, people, profile, settings, teams, tokens

app_name = "accounts"
urlpatterns = [
    path("", settings.index, name="settings"),
    path("profile/", profile.profile, name="profile"),
    path("sessions/", profile.session_list, name="sessions"),
    path("sessions/end/", profile.end_other_sessions, name="end-other-sessions"),
    path("sessions/<int:pk>/end/", profile.end_session, name="end-session"),
    path("tokens/", tokens.index, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="revoke-token"),
    path("people/", people.listing, name="people"),
    path("people/invitations/<int:pk>/revoke/", invitations.revoke, name="revoke-invitation"),
    path("people/<int:pk>/", people.detail, name="person"),
    path("people/<int:pk>/role/", people.role, name="role"),
    path("people/<int:pk>/deactivate/", people.deactivate, name="deactivate"),
    path("people/<int:pk>/reactivate/", people.reactivate, name="reactivate"),
    path("people/<int:pk>/second-factor/reset/", people.reset_second_factor, name="reset-second-factor"),
    path("teams/", teams.listing, name="teams"),
    path("teams/new/", teams.edit, name="new-team"),
    path("teams/<slug:slug>/", teams.detail, name="team"),
    path("teams/<slug:slug>/edit/", teams.edit, name="edit-team"),
    path("teams/<slug:slug>/remove/", teams.remove, name="remove-team"),
    path("teams/<slug:slug>/members/<int:pk>/", teams.member, name="member"),
    path("audit/", audit.log, name="audit"),
]
