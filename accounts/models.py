"""Who we are: people, teams, invitations and the tokens of programs."""

from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Role, Verb, role_may

ROLE_CHOICES = [
    (Role.VIEWER.value, _("Viewer")),
    (Role.RESPONDER.value, _("Responder")),
    (Role.MANAGER.value, _("Manager")),
    (Role.ADMINISTRATOR.value, _("Administrator")),
]


class UserManager(BaseUserManager["User"]):
    """Makes people from an e-mail address; addresses are compared without case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username or "")

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new person. Without a password they sign in by invitation or single sign-on only."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{**fields, "role": Role.ADMINISTRATOR})


class User(AbstractBaseUser):
    """A person. Everything they may do follows from `role` (accounts/permissions.py)."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=20, choices=ROLE_CHOICES, default=Role.RESPONDER)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    theme = models.CharField(
        _("theme"),
        max_length=10,
        default="auto",
        choices=[("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []  # type: ignore[misc]

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=models.Q(role__in=[r.value for r in Role]), name="user_role_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def may(self, verb: Verb) -> bool:
        """Whether this person may do `verb`."""
        return self.is_active and role_may(self.role, verb)

    @property
    def is_administrator(self) -> bool:
        return self.is_active and self.role == Role.ADMINISTRATOR

    @property
    def can_respond(self) -> bool:
        return self.may(Verb.RESPOND)

    @property
    def can_configure(self) -> bool:
        return self.may(Verb.CONFIGURE)

    @property
    def can_manage(self) -> bool:
        return self.may(Verb.MANAGE)

    @property
    def initials(self) -> str:
        parts = (self.name or self.email).replace("@", " ").split()
        return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper() or "?"


class Team(models.Model):
    """People who own services and answer for them together."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    description = models.TextField(_("description"), blank=True, default="")
    members = models.ManyToManyField(User, through="Membership", related_name="teams")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="team_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def faces(self) -> list[User]:
        """The people in it, leads first."""
        return [seat.person for seat in self.memberships.all()]


class Membership(models.Model):
    """One person in one team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    is_lead = models.BooleanField(_("leads the team"), default=False)

    class Meta:
        ordering = ["-is_lead", "person__name"]
        constraints = [models.UniqueConstraint(fields=["team", "person"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.person} in {self.team}"


class Invitation(models.Model):
    """A link that lets one new person in. Only the digest of its secret is kept."""

    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=120, blank=True, default="")
    role = models.CharField(_("role"), max_length=20, choices=ROLE_CHOICES, default=Role.RESPONDER)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitations")
    digest = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.email

    def is_open(self, at: datetime) -> bool:
        """Whether the link still lets somebody in at `at`."""
        return self.accepted_at is None and self.revoked_at is None and at < self.expires_at


class ApiToken(models.Model):
    """A program's key. Shown once; afterwards only its prefix and digest are known."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=120)
    prefix = models.CharField(max_length=8, db_index=True)
    digest = models.BinaryField(max_length=32, unique=True)
    scope = models.CharField(
        _("scope"),
        max_length=20,
        default="full",
        choices=[("read", _("Read only")), ("full", _("Everything its owner may do"))],
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_open(self, at: datetime) -> bool:
        """Whether the token still opens anything at `at`."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


class AuditEntry(models.Model):
    """One change of configuration or access. Append-only: a trigger refuses update and delete."""

    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    actor_name = models.CharField(max_length=254)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)
    recorded_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-recorded_at", "-id"]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.verb} {self.subject}"
