"""URL patterns of the partner console, the review queue and the subjects' "My likeness"."""

from __future__ import annotations

from django.urls import path

from generation.pages import audit, console, live_check, my_likeness, portraits, recordings, review

urlpatterns = [
    path("console/", console.overview, name="console"),
    path("console/portraits/new/", portraits.new_portrait, name="portrait_new"),
    path("console/portraits/<str:portrait_id>/", portraits.portrait, name="portrait"),
    path("console/portraits/<str:portrait_id>/still/", portraits.still, name="portrait_still"),
    path("console/portraits/<str:portrait_id>/picture/", portraits.picture, name="portrait_file"),
    path("console/portraits/<str:portrait_id>/delete/", console.delete_portrait, name="portrait_delete"),
    path("console/driving-audio/new/", console.new_driving_audio, name="driving_audio_new"),
    path(
        "console/driving-audio/<str:driving_audio_id>/sound/",
        console.driving_audio_file,
        name="driving_audio_file",
    ),
    path(
        "console/driving-audio/<str:driving_audio_id>/delete/",
        console.delete_driving_audio,
        name="driving_audio_delete",
    ),
    path("console/jobs/", console.jobs, name="jobs"),
    path("console/jobs/new/", console.new_job, name="job_new"),
    path("console/jobs/<str:job_id>/", console.job, name="job"),
    path("console/jobs/<str:job_id>/progress/", console.job_progress, name="job_progress"),
    path("console/jobs/<str:job_id>/cancel/", console.cancel, name="job_cancel"),
    path("console/renditions/<str:rendition_id>/video/", console.video, name="rendition_video"),
    path("console/renditions/<str:rendition_id>/delete/", console.delete_video, name="rendition_delete"),
    path("console/renditions/<str:rendition_id>/revoke/", console.revoke, name="rendition_revoke"),
    path("likeness/", my_likeness.ask_for_link, name="likeness"),
    path("likeness/<str:token>/", my_likeness.overview, name="my_likeness"),
    path("likeness/<str:token>/withdraw/", my_likeness.withdraw_all, name="my_likeness_withdraw_all"),
    path("likeness/<str:token>/export/", my_likeness.export, name="my_likeness_export"),
    path("likeness/<str:token>/erase/", my_likeness.erase, name="my_likeness_erase"),
    path("likeness/<str:token>/requests/", my_likeness.set_asking, name="my_likeness_requests"),
    path(
        "likeness/<str:token>/consents/<str:consent_id>/portrait/",
        my_likeness.portrait,
        name="my_likeness_portrait",
    ),
    path(
        "likeness/<str:token>/consents/<str:consent_id>/withdraw/",
        my_likeness.withdraw,
        name="my_likeness_withdraw",
    ),
    path("likeness/<str:token>/videos/<str:rendition_id>/", my_likeness.video, name="my_likeness_video"),
    path("consent/<str:token>/live/", live_check.record, name="consent_live"),
    path("review/recordings/<str:consent_id>/", recordings.detail, name="recording_review"),
    path("review/recordings/<str:consent_id>/video/", recordings.video, name="recording_video"),
    path("review/recordings/<str:consent_id>/portrait/", recordings.picture, name="recording_portrait"),
    path("review/recordings/<str:consent_id>/decide/", recordings.decide, name="recording_decide"),
    path("audit/", audit.desk, name="audit_desk"),
    path("audit/videos/<str:rendition_id>/", audit.video, name="audit_video"),
    path("audit/export.<str:form>", audit.export, name="audit_export"),
    path("review/", review.queue, name="review_queue"),
    path("review/renditions/<str:rendition_id>/", review.detail, name="review_rendition"),
    path("review/renditions/<str:rendition_id>/video/", review.video, name="review_video"),
    path("review/renditions/<str:rendition_id>/picture/", review.picture, name="review_picture"),
    path("review/renditions/<str:rendition_id>/approve/", review.approve, name="review_approve"),
    path("review/renditions/<str:rendition_id>/refuse/", review.refuse, name="review_refuse"),
    path("review/renditions/<str:rendition_id>/revoke/", review.revoke, name="review_revoke"),
]
