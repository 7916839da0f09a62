"""URL patterns of the partner console, the review queue and the subjects' "My likeness"."""

from __future__ import annotations

from django.urls import path

from generation.pages.collection import archive, job_list, samples, table, thumbnails
from generation.pages.console import driving_audio, jobs, overview, portraits, videos
from generation.pages.live import page as live_page
from generation.pages.live import review as live_review
from generation.pages.oversight import appealing, audit, staff
from generation.pages.public import as_made
from generation.pages.review import faces, recordings
from generation.pages.review import videos as reviewed_videos
from generation.pages.studio import drafts, motion_tracks
from generation.pages.studio import page as studio_page
from generation.pages.subject import draft, face_register, live_check, my_likeness, voice_consent

urlpatterns = [
    path("verify/as-made/<str:token>.jpg", as_made.as_made, name="as_made"),
    path("console/", overview.overview, name="console"),
    path("console/portraits/new/", portraits.new_portrait, name="portrait_new"),
    path("console/portraits/<str:portrait_id>/", portraits.portrait, name="portrait"),
    path("console/portraits/<str:portrait_id>/still/", portraits.still, name="portrait_still"),
    path("console/portraits/<str:portrait_id>/picture/", portraits.picture, name="portrait_file"),
    path("console/portraits/<str:portrait_id>/delete/", portraits.delete_portrait, name="portrait_delete"),
    path("console/driving-audio/new/", driving_audio.new_driving_audio, name="driving_audio_new"),
    path(
        "console/driving-audio/<str:driving_audio_id>/sound/",
        driving_audio.driving_audio_file,
        name="driving_audio_file",
    ),
    path(
        "console/driving-audio/<str:driving_audio_id>/delete/",
        driving_audio.delete_driving_audio,
        name="driving_audio_delete",
    ),
    path("console/live/", live_page.live, name="live"),
    path("console/live/open/", live_page.open_live, name="live_open"),
    path(
        "console/driving-audio/<str:driving_audio_id>/motion/",
        motion_tracks.motion_track,
        name="motion_track",
    ),
    path(
        "console/driving-audio/<str:driving_audio_id>/motion.csv",
        motion_tracks.motion_csv,
        name="motion_csv",
    ),
    path(
        "console/driving-audio/<str:driving_audio_id>/outline/",
        thumbnails.waveform,
        name="driving_audio_outline",
    ),
    path(
        "console/driving-audio/<str:driving_audio_id>/name/",
        job_list.name_driving_audio,
        name="driving_audio_name",
    ),
    path("console/portraits/<str:portrait_id>/small/", thumbnails.portrait, name="portrait_small"),
    path("console/samples/<str:name>/", samples.add, name="sample_add"),
    path("console/samples/<str:name>/picture/", samples.picture, name="sample_picture"),
    path("console/jobs/", job_list.jobs, name="jobs"),
    path("console/jobs/new/", jobs.new_job, name="job_new"),
    path("console/studio/", studio_page.studio, name="studio"),
    path("console/studio/estimate/", studio_page.estimate, name="studio_estimate"),
    path("console/studio/open/", drafts.opening, name="studio_open"),
    path("console/studio/still/", drafts.still, name="studio_still"),
    path("console/studio/clip/", drafts.clip, name="studio_clip"),
    path("console/studio/timeline/", drafts.timeline, name="studio_timeline"),
    path("console/studio/curves/", drafts.curves, name="studio_curves"),
    path("console/jobs/archive/", archive.archive, name="jobs_archive"),
    path("console/jobs/table/", table.table, name="jobs_table"),
    path("console/jobs/<str:job_id>/name/", job_list.name_job, name="job_name"),
    path("console/jobs/<str:job_id>/", jobs.job, name="job"),
    path("console/jobs/<str:job_id>/progress/", jobs.job_progress, name="job_progress"),
    path("console/jobs/<str:job_id>/cancel/", jobs.cancel, name="job_cancel"),
    path("console/renditions/<str:rendition_id>/video/", videos.video, name="rendition_video"),
    path("console/renditions/<str:rendition_id>/appeal/", appealing.appeal, name="rendition_appeal"),
    path("console/renditions/<str:rendition_id>/captions/", videos.captions, name="rendition_captions"),
    path("console/renditions/<str:rendition_id>/delete/", videos.delete_video, name="rendition_delete"),
    path("console/renditions/<str:rendition_id>/revoke/", videos.revoke, name="rendition_revoke"),
    path("likeness/", my_likeness.ask_for_link, name="likeness"),
    path("likeness/never-my-face/", face_register.ask_for_link, name="never_my_face"),
    path("likeness/<str:token>/", my_likeness.overview, name="my_likeness"),
    path("likeness/<str:token>/withdraw/", my_likeness.withdraw_all, name="my_likeness_withdraw_all"),
    path("likeness/<str:token>/export/", my_likeness.export, name="my_likeness_export"),
    path("likeness/<str:token>/erase/", my_likeness.erase, name="my_likeness_erase"),
    path("likeness/<str:token>/never-my-face/", face_register.register, name="face_register"),
    path("likeness/<str:token>/never-my-face/end/", face_register.withdraw, name="face_register_end"),
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
    path("likeness/<str:token>/live/<str:session_id>/", my_likeness.live_session, name="my_likeness_live"),
    path("consent/<str:token>/draft/", draft.draft, name="consent_draft"),
    path("consent/<str:token>/live/", live_check.record, name="consent_live"),
    path("voice/<str:token>/", voice_consent.answer, name="voice_link"),
    path("voice/<str:token>/no/", voice_consent.refuse, name="voice_no"),
    path("voice/<str:token>/sound/", voice_consent.sound, name="voice_sound"),
    path("voice-receipt/<str:token>/", voice_consent.receipt, name="voice_receipt"),
    path(
        "likeness/<str:token>/voices/<str:voice_consent_id>/withdraw/",
        voice_consent.withdraw,
        name="my_likeness_voice",
    ),
    path("review/recordings/<str:consent_id>/", recordings.detail, name="recording_review"),
    path("review/recordings/<str:consent_id>/video/", recordings.video, name="recording_video"),
    path("review/recordings/<str:consent_id>/portrait/", recordings.picture, name="recording_portrait"),
    path("review/recordings/<str:consent_id>/decide/", recordings.decide, name="recording_decide"),
    path("review/live/", live_review.queue, name="live_review"),
    path("review/live/<str:session_id>/stop/", live_review.stop, name="live_stop"),
    path("review/faces/", faces.queue, name="face_queue"),
    path("review/faces/<str:match_id>/portrait/", faces.portrait, name="face_portrait"),
    path("review/faces/<str:match_id>/known/", faces.known, name="face_known"),
    path("review/faces/<str:match_id>/decide/", faces.decide, name="face_decide"),
    path("staff/", staff.home, name="staff_home"),
    path("review/second-looks/", staff.second_look_queue, name="second_looks"),
    path("review/second-looks/<str:look_id>/", staff.answer_second_look, name="second_look_answer"),
    path("review/appeals/", staff.appeal_queue, name="appeals"),
    path("review/appeals/<str:appeal_id>/", staff.answer_appeal, name="appeal_answer"),
    path("audit/sample/", staff.draw_sample, name="audit_sample"),
    path("audit/", audit.desk, name="audit_desk"),
    path("audit/videos/<str:rendition_id>/", audit.video, name="audit_video"),
    path("audit/export.<str:form>", audit.export, name="audit_export"),
    path("review/", reviewed_videos.queue, name="review_queue"),
    path("review/renditions/<str:rendition_id>/", reviewed_videos.detail, name="review_rendition"),
    path("review/renditions/<str:rendition_id>/video/", reviewed_videos.video, name="review_video"),
    path("review/renditions/<str:rendition_id>/picture/", reviewed_videos.picture, name="review_picture"),
    path("review/renditions/<str:rendition_id>/approve/", reviewed_videos.approve, name="review_approve"),
    path("review/renditions/<str:rendition_id>/refuse/", reviewed_videos.refuse, name="review_refuse"),
    path("review/renditions/<str:rendition_id>/revoke/", reviewed_videos.revoke, name="review_revoke"),
]
