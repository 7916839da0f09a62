"""URLs of the public pages: verification, misuse reports, the log."""

from __future__ import annotations

from django.urls import path

from provenance.pages import log_pages, misuse_pages, verdict_pages, verify_pages

urlpatterns = [
    path("verify/", verify_pages.verify, name="verify"),
    path("verify/later/<str:verification_id>/", verify_pages.verification, name="verification"),
    path("verify/meaning/", verdict_pages.meanings, name="verdict_meanings"),
    path("verify/said/<str:token>/", verdict_pages.shared, name="shared_verdict"),
    path("verify/app.webmanifest", verdict_pages.manifest, name="verify_manifest"),
    path("verify/report/", misuse_pages.report, name="misuse_report"),
    path("verify/report/received/", misuse_pages.reported, name="misuse_reported"),
    path("log/", log_pages.log_list, name="log_list"),
    path("log/counts/", log_pages.log_counts, name="log_counts"),
    path("log/<int:index>/", log_pages.log_entry, name="log_entry"),
]
