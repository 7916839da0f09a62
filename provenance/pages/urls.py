"""URLs of the public pages: verification, misuse reports, the log."""

from __future__ import annotations

from django.urls import path

from provenance.pages import log_pages as log_views
from provenance.pages import misuse_pages as misuse_views
from provenance.pages import verify_pages as verify_views

urlpatterns = [
    path("verify/", verify_views.verify, name="verify"),
    path("verify/later/<str:verification_id>/", verify_views.verification, name="verification"),
    path("verify/report/", misuse_views.report, name="misuse_report"),
    path("verify/report/received/", misuse_views.reported, name="misuse_reported"),
    path("log/", log_views.log_list, name="log_list"),
    path("log/<int:index>/", log_views.log_entry, name="log_entry"),
]
