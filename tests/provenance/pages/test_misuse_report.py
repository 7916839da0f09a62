"""What somebody reports from the verify page reaches the reviewers, and nobody else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from provenance.models import MisuseReport, Record
from provenance.services.misuse import overdue_reports
from tests.provenance.sealing import SealedClip

pytestmark = pytest.mark.django_db
FORM = "/verify/report/"


def words(**changes: str) -> dict[str, str]:
    return {"kind": "my_likeness", "text": "That is my face, in an advertisement.", **changes}


@pytest.fixture
def report() -> MisuseReport:
    assert Client().post(FORM, words(contact="vera@mail.example")).status_code == 302
    return MisuseReport.objects.get()


def test_the_answers_page_leads_to_a_form_about_that_video(released: Record, clip: SealedClip) -> None:
    page = Client().post("/verify/", {"file": SimpleUploadedFile("v.mp4", clip.data)}).content.decode()
    found = re.search(r'href="(/verify/report/\?[^"]+)"', page)
    assert found is not None
    form = Client().get(found[1].replace("&amp;", "&")).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    answer = Client().post(
        FORM, words(**{name: fields[name] for name in ("rendition_id", "file_sha256", "verdict")})
    )
    assert answer.status_code == 302
    written = MisuseReport.objects.get()
    assert (written.rendition_id, written.verdict) == (clip.rendition_id, "ours_intact")
    assert written.file_sha256 == released.file_sha256


def test_a_reviewer_reads_and_closes_it(report: MisuseReport, rita_browser: Client) -> None:
    page = rita_browser.get("/review/reports/").content.decode()
    assert report.text in page
    assert "vera@mail.example" in page
    close = f"/review/reports/{report.id}/close/"
    assert rita_browser.post(close, {"note": " "}).status_code == 302
    assert MisuseReport.objects.get().closed_at is None
    rita_browser.post(close, {"note": "The video was revoked."})
    report.refresh_from_db()
    assert report.closed_at is not None
    assert (report.note, report.contact) == ("The video was revoked.", "")
    assert report.text not in rita_browser.get("/review/reports/").content.decode()
    assert rita_browser.post(close, {"note": "Again."}).status_code == 409


def test_a_report_that_is_not_answered_in_time_is_overdue_for_reviewers_and_operators(
    report: MisuseReport, rita_browser: Client, settings
) -> None:
    settings.LIKENESS_TAKEDOWN_HOURS = 3
    assert ">overdue<" not in rita_browser.get("/review/reports/").content.decode()
    MisuseReport.objects.update(created_at=report.created_at - timedelta(hours=3, minutes=1))
    assert ">overdue<" in rita_browser.get("/review/reports/").content.decode()
    assert overdue_reports().count() == 1
    rita_browser.post(f"/review/reports/{report.id}/close/", {"note": "Answered."})
    assert overdue_reports().count() == 0


def test_the_reporter_is_told_how_long_it_may_take(settings) -> None:
    settings.LIKENESS_TAKEDOWN_HOURS = 3
    page = Client().post(FORM, words(), follow=True).content.decode()
    assert "within 3 hours" in page


def test_reviewers_see_on_every_page_that_reports_are_open(
    report: MisuseReport, rita_browser: Client, otto_browser: Client, vera: Client
) -> None:
    for address, word in (("/", "open"), ("/review/", "open"), ("/verify/?lang=de", "offen")):
        badge = f'<span class="tag tag-warn">1<span class="unseen"> {word}</span></span>'
        assert badge in rita_browser.get(address).content.decode()
        for browser in (otto_browser, vera):
            assert badge not in browser.get(address).content.decode()
    rita_browser.post(f"/review/reports/{report.id}/close/", {"note": "The video was revoked."})
    assert "tag-warn" not in rita_browser.get("/").content.decode()


def test_of_very_many_open_reports_no_page_counts_more_than_it_shows(rita_browser: Client) -> None:
    MisuseReport.objects.bulk_create(MisuseReport(kind="other", text="again") for _ in range(100))
    assert "99+<span" in rita_browser.get("/review/").content.decode()
    MisuseReport.objects.filter(pk=MisuseReport.objects.values("pk")[:1]).delete()
    assert "99<span" in rita_browser.get("/review/").content.decode()


def test_nobody_else_reads_it(report, vera, alice_browser, otto_browser) -> None:
    for browser in (vera, alice_browser, otto_browser):
        answer = browser.get("/review/reports/")
        assert answer.status_code in {302, 403}
        assert report.text not in answer.content.decode()
        assert browser.post(f"/review/reports/{report.id}/close/", {"note": "x"}).status_code in {302, 403}
    report.refresh_from_db()
    assert report.closed_at is None


def test_the_words_of_strangers_are_shown_as_words(rita_browser: Client) -> None:
    Client().post(FORM, words(text="<script>alert(1)</script>"))
    assert "<script>alert" not in rita_browser.get("/review/reports/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "nonsense"},
        {"text": ""},
        {"text": "x" * 5000},
        {"contact": "nobody"},
        {"file_sha256": "short"},
    ],
)
def test_what_cannot_be_used_is_shown_again(wrong: dict[str, str]) -> None:
    answer = Client().post(FORM, words(**wrong))
    assert answer.status_code == 422
    assert not MisuseReport.objects.exists()


def test_an_unknown_video_is_not_taken_for_one_of_ours() -> None:
    Client().post(FORM, words(rendition_id="rnd_unknown"))
    assert MisuseReport.objects.get().rendition_id == ""


def test_it_needs_our_form_and_takes_so_many_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client(enforce_csrf_checks=True).post(FORM, words()).status_code == 403
    monkeypatch.setattr("provenance.pages.misuse_pages.PUBLIC_FORMS_PER_MINUTE", 1)
    assert Client().post(FORM, words()).status_code == 302
    refused = Client().post(FORM, words())
    assert refused.status_code == 429
    assert "Too many" in refused.content.decode()


def test_the_form_speaks_german() -> None:
    client = Client(headers={"Accept-Language": "de"})
    assert "Ein Video melden" in client.get(FORM).content.decode()
    assert client.post(FORM, words(), follow=True).redirect_chain[0][0].endswith("?lang=de")
    assert "Danke" in client.get("/verify/report/received/").content.decode()
