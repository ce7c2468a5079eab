"""How words reach a person: their contact methods and rules, and the outbox."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications import failures


class ChannelName(models.TextChoices):
    """The channels there are; one sender a file in channels/."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    VOICE = "voice", _("Phone call")
    SLACK = "slack", _("Slack")
    TEAMS = "teams", _("Microsoft Teams")
    TELEGRAM = "telegram", _("Telegram")
    MATTERMOST = "mattermost", _("Mattermost")
    NTFY = "ntfy", _("ntfy")
    PUSH = "push", _("Web push")
    WEBHOOK = "webhook", _("Signed webhook")


class MessageKind(models.TextChoices):
    """What a message is for; pages go first."""

    PAGE = "page", _("Page")
    UPDATE = "update", _("Update")
    NOTICE = "notice", _("Notice")
    TEST = "test", _("Test")


class MessageState(models.TextChoices):
    """Where a message stands. `sending` holds a lease; the last four are final."""

    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ContactMethodQuerySet(models.QuerySet["ContactMethod"]):
    """Contact methods by what they are good for."""

    def verified(self) -> "ContactMethodQuerySet":
        """Those that somebody has shown to work; only they are used for pages."""
        return self.filter(verified_at__isnull=False)


class ContactMethod(models.Model):
    """One address of one person on one channel. Nothing but its code is sent there until it is verified."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="contact_methods")
    channel = models.CharField(_("channel"), max_length=20, choices=ChannelName.choices)
    address = models.CharField(_("address"), max_length=1000)
    label = models.CharField(_("label"), max_length=80, blank=True, default="")
    # The secret that signs a webhook is derived from the installation's key, this row and this number: none is stored.
    secret_version = models.PositiveSmallIntegerField(default=1)
    secret_rotated_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # The code that was sent to verify it: a digest, when it ends, and how often a wrong one was typed.
    code_digest = models.CharField(max_length=64, blank=True, default="")
    code_expires_at = models.DateTimeField(null=True, blank=True)
    code_tries = models.PositiveSmallIntegerField(default=0)

    objects = ContactMethodQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["person", "channel", "address"], name="contact_method_once")]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.address}"

    @property
    def owner(self) -> str:
        """Whose secret signs what goes there."""
        return f"method/{self.pk}"


class NotificationRule(models.Model):
    """When a page of `urgency` reaches its person: this long after the page, by this method."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notification_rules")
    urgency = models.CharField(_("urgency"), max_length=4, choices=[("high", _("High")), ("low", _("Low"))])
    after_seconds = models.PositiveIntegerField(_("after"), default=0)
    method = models.ForeignKey(
        ContactMethod, on_delete=models.CASCADE, related_name="rules", verbose_name=_("contact method")
    )

    class Meta:
        ordering = ["urgency", "after_seconds", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "urgency", "after_seconds", "method"], name="notification_rule_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.urgency}: {self.method} after {self.after_seconds} s"


class QuietHours(models.Model):
    """When pages of low urgency wait, by the clock of the person's own zone. From 22:00 to 07:00 spans midnight."""

    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="quiet_hours")
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(starts=F("ends")), name="quiet_hours_have_an_end")]

    def __str__(self) -> str:
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"


class Circuit(models.Model):
    """A provider that fails again and again: until `next_probe_at` nothing goes to its lane, then one message tries."""

    lane = models.CharField(max_length=300, unique=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    opened_at = models.DateTimeField(null=True)
    next_probe_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"{self.lane}: {self.failures} failures"

    @property
    def reason_told(self) -> str:
        """Why, in the language now active."""
        return failures.told(self.reason)


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages by where they stand."""

    def due(self, at: datetime) -> "MessageQuerySet":
        """Queued and due, or taken by a sender whose lease has run out; pages first."""
        return self.filter(
            Q(state=MessageState.QUEUED, next_attempt_at__lte=at) | Q(state=MessageState.SENDING, lease_until__lte=at)
        ).order_by("rank", "next_attempt_at", "id")

    def about(self, topic: str) -> "MessageQuerySet":
        return self.filter(topic=topic)

    def open(self) -> "MessageQuerySet":
        return self.filter(state__in=[MessageState.QUEUED, MessageState.SENDING])

    def pages(self) -> "MessageQuerySet":
        return self.filter(kind=MessageKind.PAGE)

    def failed_untold(self) -> "MessageQuerySet":
        """Failed ones whose failure nobody has told yet, oldest first."""
        return self.filter(state=MessageState.FAILED, failure_told_at=None).order_by("id")


class Message(models.Model):
    """One row of the outbox: these words, to this address. Claimed, sent, recorded.

    `topic` names what it is about ("page/17", "update/3"); the room that left it asks and withdraws by it.
    `idempotency_key` is the same at every attempt and goes out with each.
    """

    topic = models.CharField(max_length=80, db_index=True)
    kind = models.CharField(max_length=10, choices=MessageKind.choices)
    rank = models.PositiveSmallIntegerField(default=50)  # 10 pages, 50 updates and notices, 90 bulk: lower goes first
    person = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="messages")
    method = models.ForeignKey(ContactMethod, null=True, on_delete=models.SET_NULL, related_name="messages")
    channel = models.CharField(max_length=20, choices=ChannelName.choices)
    address = models.CharField(max_length=1000)
    subject = models.CharField(max_length=300)
    text = models.TextField(blank=True, default="")
    payload = models.JSONField(default=dict)  # what a program gets; channels take what they need from it
    idempotency_key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)  # the provider says that it arrived
    closed_at = models.DateTimeField(null=True)  # the room that left it wants nothing more to go out
    # In a storm one message carries the words of others of its person and method; it is what went out in their stead.
    carried_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="carries")
    possibly_repeated = models.BooleanField(default=False)
    provider_id = models.CharField(max_length=200, blank=True, default="")
    failure = models.TextField(blank=True, default="")
    failure_told_at = models.DateTimeField(null=True)  # the room that left it has told its readers

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["rank", "next_attempt_at"], name="message_due", condition=Q(state="queued")),
            models.Index(fields=["lease_until"], name="message_leased", condition=Q(state="sending")),
            models.Index(
                fields=["id"], name="message_untold", condition=Q(state="failed", kind="page", failure_told_at=None)
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="message_state_known"),
            models.CheckConstraint(
                condition=~Q(state="queued") | Q(next_attempt_at__isnull=False), name="message_queued_is_due"
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_token__isnull=False, lease_until__isnull=False),
                name="message_sending_has_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.address}: {self.subject}"

    @property
    def failure_told(self) -> str:
        """The failure in the language now active."""
        return failures.told(self.failure)


class Attempt(models.Model):
    """One try at sending one message. Append-only but for its outcome."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    token = models.UUIDField(default=uuid.uuid4)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, default="unknown")  # unknown, sent, try_again, gave_up
    detail = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="attempt_number_once")]

    def __str__(self) -> str:
        return f"try {self.number} of message {self.message_id}: {self.outcome}"

    @property
    def outcome_told(self) -> str:
        """How it went, in the language now active."""
        told = {"sent": _("Sent"), "try_again": _("Try again"), "gave_up": _("Given up")}
        return str(told.get(self.outcome, _("no answer yet")))

    @property
    def detail_told(self) -> str:
        """What came of it, in the language now active."""
        return failures.told(self.detail)
