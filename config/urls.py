"""URL configuration: pages at the root, the API under /v1."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from config import views
from config.api import api
from provenance.api.discovery import soft_binding_resolution

urlpatterns = [
    path("", views.home, name="home"),
    path("docs/api/", views.api_docs, name="api_docs"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("v1/", api.urls),
    path(".well-known/c2pa-soft-binding-resolution", soft_binding_resolution),
    path("admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
    path("", include("provenance.pages.urls")),
    path("", include("accounts.pages.urls")),
    path("", include("generation.pages.urls")),
]
handler404 = "config.views.page_not_found"
handler500 = "config.views.server_error"
