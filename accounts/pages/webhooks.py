"""A partner's pages for webhooks: addresses, messages, tests, secrets."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.models import WebhookEndpoint
from accounts.pages.forms import WebhookForm
from accounts.services.webhooks import endpoints
from provenance.common.errors import CodedError
from provenance.common.keyset import shown_page
from provenance.pages.in_language import refusal_in_language

DELIVERIES_PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def webhook_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The organisation's webhooks, and the form for another one."""
    form = WebhookForm(request.POST or None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            endpoint, secret = endpoints.add_endpoint(
                actor=actor, url=form.cleaned_data["url"], event_types=form.cleaned_data["event_types"]
            )
        except CodedError as error:
            form.add_error(None, refusal_in_language(error))
            status = error.status
        else:
            return _with_secret(request, endpoint, secret, status=201)
    page = {"webhooks": endpoints.endpoints_of(actor), "form": form}
    return render(request, "accounts/webhooks.html", page, status=status)


@require_safe
@member_page
def webhook_detail(request: HttpRequest, actor: Actor, webhook_id: str) -> HttpResponse:
    """One webhook with its newest messages."""
    page = {
        "webhook": endpoints.endpoint_of(actor, webhook_id),
        "deliveries": shown_page(
            endpoints.deliveries_of(actor, webhook_id),
            cursor=request.GET.get("cursor"),
            size=DELIVERIES_PER_PAGE,
            scope=f"deliveries:{webhook_id}",
        ),
    }
    return render(request, "accounts/webhook.html", page)


@require_POST
@member_page
def rotate_secret(request: HttpRequest, actor: Actor, webhook_id: str) -> HttpResponse:
    """Make a new secret and show it, this once."""
    return _with_secret(request, *endpoints.rotate_secret(actor=actor, endpoint_id=webhook_id), status=200)


@require_POST
@member_page
def send_test(request: HttpRequest, actor: Actor, webhook_id: str) -> HttpResponse:
    """Send a test message."""
    endpoints.send_test(actor=actor, endpoint_id=webhook_id)
    messages.success(request, gettext("A test was sent. Load the page again to see what became of it."))
    return redirect("webhook_detail", webhook_id)


@require_POST
@member_page
def replay(request: HttpRequest, actor: Actor, webhook_id: str, delivery_id: str) -> HttpResponse:
    """Send a message once more."""
    endpoints.send_again(actor=actor, endpoint_id=webhook_id, delivery_id=delivery_id)
    messages.success(request, gettext("The message is sent again."))
    return redirect("webhook_detail", webhook_id)


@require_POST
@member_page
def remove(request: HttpRequest, actor: Actor, webhook_id: str) -> HttpResponse:
    """Delete a webhook."""
    endpoints.remove_endpoint(actor=actor, endpoint_id=webhook_id)
    messages.success(request, gettext("The webhook was deleted."))
    return redirect("webhook_list")


def _with_secret(
    request: HttpRequest, endpoint: WebhookEndpoint, secret: str, *, status: int
) -> HttpResponse:
    page = {"webhook": endpoint, "secret": secret}
    response = render(request, "accounts/webhook_secret.html", page, status=status)
    add_never_cache_headers(response)
    return response
