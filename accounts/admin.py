"""Django's admin for operators: read-only views of the accounts tables.

States move only through the services, which check who asks and write to the log. Only who has a second
factor gets in (see `User.is_staff`).
"""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest

from accounts.models import (
    ApiKey,
    ConsentGrant,
    Invitation,
    Membership,
    Partner,
    StaffRoleGrant,
    Subject,
    User,
)

# The admin's own form asks for the password only; this sends everybody to the real sign-in.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

# Their own pages let a superuser change rows: with somebody's mailbox and second factor goes their role.
admin.site.unregister([EmailAddress, Authenticator, Group])


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Lists and details for operators with a second factor."""

    # Secrets are stored as hashes; even those are nobody's to read.
    exclude = ("password", "token_hash", "secret_sha256", "link_token_hash", "withdraw_token_hash")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return isinstance(request.user, User) and request.user.is_staff

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("id", "email", "name", "is_active", "date_joined", "last_login")
    search_fields = ("=id", "email", "name")


@admin.register(StaffRoleGrant)
class StaffRoleGrantAdmin(ReadOnlyAdmin):
    list_display = ("user", "role", "granted_at")
    list_filter = ("role",)


@admin.register(Partner)
class PartnerAdmin(ReadOnlyAdmin):
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    list_display = ("id", "name", "state", "review_policy", "applied_at", "decided_at")
    list_filter = ("state",)
    search_fields = ("=id", "name")


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("user", "partner", "role", "joined_at")
    list_select_related = ("user", "partner")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("email", "partner", "role", "created_at", "expires_at", "accepted_at")
    list_select_related = ("partner",)


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ("id", "partner", "name", "prefix", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("partner",)


@admin.register(Subject)
class SubjectAdmin(ReadOnlyAdmin):
    list_display = ("id", "partner", "display_name", "created_at")
    list_select_related = ("partner",)
    search_fields = ("=id",)


@admin.register(ConsentGrant)
class ConsentGrantAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "partner",
        "basis",
        "state",
        "used_videos",
        "max_videos",
        "valid_until",
        "created_at",
    )
    list_filter = ("state", "basis")
    list_select_related = ("partner",)
    search_fields = ("=id", "=receipt_digest")
