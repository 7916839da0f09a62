"""Models of people with a login, and of their staff roles."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts import ids


class UserManager(BaseUserManager["User"]):
    """Makes people; e-mail addresses are stored in lower case, so that one mailbox is one account."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who can sign in with this e-mail address; without a password only by a reset."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who may open Django's admin; this gives no review or operator role."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail."""

    id = models.CharField(primary_key=True, max_length=32, default=ids.user_id, editable=False)
    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    # In which they last read our pages, a code of LANGUAGES; empty: not known.
    language = models.CharField(max_length=8, default="", db_default="", blank=True, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.email

    @property
    def is_staff(self) -> bool:
        """Whether Django's admin lets this person in: operators and superusers with a second factor."""
        is_trusted = self.is_superuser or self.staff_roles.filter(role=StaffRole.OPERATOR).exists()
        return is_trusted and self.has_second_factor

    @property
    def has_second_factor(self) -> bool:
        """Whether an authenticator app or a passkey is set up; recovery codes alone are not a factor."""
        from allauth.mfa.models import Authenticator  # noqa: PLC0415  its table points at this one

        factors = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        return bool(Authenticator.objects.filter(user=self, type__in=factors).exists())

    def get_full_name(self) -> str:
        """The name, or the address when none was given."""
        return self.name or self.email


class StaffRole(models.TextChoices):
    """What somebody inside the service may do."""

    REVIEWER = "reviewer", _("reviewer")
    AUDITOR = "auditor", _("auditor")
    OPERATOR = "operator", _("operator")


class StaffRoleGrant(models.Model):
    """One role of one person inside the service."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="staff_roles")
    role = models.CharField(max_length=16, choices=StaffRole.choices)
    granted_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="staff_role_once"),
            models.CheckConstraint(condition=models.Q(role__in=StaffRole.values), name="staff_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} is {self.role}"
