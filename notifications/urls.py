"""Pages of notifications/."""

from django.urls import path

from notifications.views import methods, outbox, rules

app_name = "notifications"
urlpatterns = [
    path("contact/", methods.methods, name="methods"),
    path("contact/<int:pk>/", methods.method, name="method"),
    path("contact/<int:pk>/code/", methods.send_code, name="send-code"),
    path("contact/<int:pk>/test/", methods.send_test, name="send-test"),
    path("contact/<int:pk>/secret/", methods.rotate_secret, name="rotate-secret"),
    path("contact/<int:pk>/remove/", methods.remove, name="remove-method"),
    path("contact/quiet-hours/", rules.quiet_hours, name="quiet-hours"),
    path("contact/rules/<str:urgency>/add/", rules.add, name="add-rule"),
    path("contact/rules/<int:pk>/remove/", rules.remove, name="remove-rule"),
    path("messages/", outbox.outbox, name="messages"),
    path("messages/<int:pk>/again/", outbox.send_again, name="send-again"),
]
