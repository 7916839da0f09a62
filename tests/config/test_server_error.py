"""The page for our own faults needs nothing that may be what is broken."""

from __future__ import annotations

from django.test import RequestFactory

from config.views import server_error


def test_it_is_shown_without_asking_the_database():
    # No session and no user on the request, and no database mark on this test: a query would fail it.
    answer = server_error(RequestFactory().get("/console/"))
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()
