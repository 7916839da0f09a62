"""Access decorators for pages: public, by secret link, for members, for staff with a role."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce, wraps

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext

from accounts import selectors
from accounts.access.actors import actor_for
from accounts.errors import RoleRequired
from accounts.models import StaffRole, User
from provenance.common.errors import CodedError
from provenance.pages.in_language import sentence_in_language

View = Callable[..., HttpResponseBase]

STAFF_START_PAGE = "staff_home"


def refusal_page(request: HttpRequest, error: CodedError) -> HttpResponse:
    """A coded refusal as a page, in the page's language."""
    context = {"title": sentence_in_language(error.message), "hint": sentence_in_language(error.hint)}
    response = render(request, "error.html", context, status=error.status)
    if (retry_after_s := getattr(error, "retry_after_s", None)) is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def public_page(view: View) -> View:
    """A page for anybody: `view(request, ...)`."""

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except CodedError as error:
            return refusal_page(request, error)

    return page


def link_page(view: View) -> View:
    """A page whose address is a secret: neither stored by browsers nor found by search engines."""

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = public_page(view)(request, *args, **kwargs)
        add_never_cache_headers(response)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return page


def member_page(view: Callable[..., HttpResponseBase]) -> View:
    """A page for the people of a partner: `view(request, actor, ...)` with `actor.partner` set.

    Strangers are sent to sign in, staff without a partner to their own pages, everybody else to apply.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        try:
            actor = actor_for(request)
            if actor.partner is None:
                return redirect(_start_page(request))
            return view(request, actor, *args, **kwargs)
        except CodedError as error:
            return refusal_page(request, error)

    return page


def _start_page(request: HttpRequest) -> str:
    """Where somebody without a partner begins."""
    roles = selectors.assigned_roles(request.user) if isinstance(request.user, User) else frozenset()
    return STAFF_START_PAGE if roles else "partner_apply"


def staff_page(*roles: StaffRole) -> Callable[[Callable[..., HttpResponseBase]], View]:
    """A page for staff with one of the roles and a second factor: `view(request, actor, ...)`.

    Staff without a second factor are told how to set one up.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not isinstance(request.user, User):
                return redirect_to_login(request.get_full_path())
            try:
                _require_assigned(request.user, roles)
                if not request.user.has_second_factor:
                    return render(request, "accounts/second_factor_required.html", status=403)
                return view(request, actor_for(request), *args, **kwargs)
            except CodedError as error:
                return refusal_page(request, error)

        return page

    return decorate


def _require_assigned(user: User, roles: tuple[StaffRole, ...]) -> None:
    if not selectors.assigned_roles(user).intersection(roles):
        pair = gettext("{one} or {other}")
        names = reduce(
            lambda one, other: pair.format(one=one, other=other), [gettext(role.label) for role in roles]
        )
        raise RoleRequired(gettext("This page is for people with the role {role}.").format(role=names))
