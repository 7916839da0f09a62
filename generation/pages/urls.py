"""URL patterns of the partner console and the review queue."""

from __future__ import annotations

from django.urls import path

from generation.pages import console, review

urlpatterns = [
    path("console/", console.overview, name="console"),
    path("console/portraits/new/", console.new_portrait, name="portrait_new"),
    path("console/portraits/<str:portrait_id>/picture/", console.portrait_file, name="portrait_file"),
    path("console/driving-audio/new/", console.new_driving_audio, name="driving_audio_new"),
    path(
        "console/driving-audio/<str:driving_audio_id>/sound/",
        console.driving_audio_file,
        name="driving_audio_file",
    ),
    path("console/jobs/", console.jobs, name="jobs"),
    path("console/jobs/new/", console.new_job, name="job_new"),
    path("console/jobs/<str:job_id>/", console.job, name="job"),
    path("console/jobs/<str:job_id>/progress/", console.job_progress, name="job_progress"),
    path("console/jobs/<str:job_id>/cancel/", console.cancel, name="job_cancel"),
    path("console/renditions/<str:rendition_id>/video/", console.video, name="rendition_video"),
    path("console/renditions/<str:rendition_id>/revoke/", console.revoke, name="rendition_revoke"),
    path("review/", review.queue, name="review_queue"),
    path("review/renditions/<str:rendition_id>/", review.detail, name="review_rendition"),
    path("review/renditions/<str:rendition_id>/video/", review.video, name="review_video"),
    path("review/renditions/<str:rendition_id>/picture/", review.picture, name="review_picture"),
    path("review/renditions/<str:rendition_id>/approve/", review.approve, name="review_approve"),
    path("review/renditions/<str:rendition_id>/refuse/", review.refuse, name="review_refuse"),
    path("review/renditions/<str:rendition_id>/revoke/", review.revoke, name="review_revoke"),
]
