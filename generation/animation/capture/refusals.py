"""Refusals of capture: what is wrong with a video from which no motion can be taken."""

from __future__ import annotations

from typing import Final

from generation.animation.sentences import gettext_noop as _

REFUSALS: Final = {
    "capture_without_frames": (
        _("The video has no frames."),
        _("Record at least a second of one performer."),
    ),
    "capture_without_face": (
        _("No face was found at the beginning of the video."),
        _("Begin with the performer's face in the picture, looking at the camera."),
    ),
    "capture_several_faces": (
        _("There are several faces in the video."),
        _("Crop the video to the one performer, or record again with nobody else in the picture."),
    ),
    "capture_face_lost": (
        _("The performer's face cannot be followed through the whole video."),
        _("Cut the video to the part in which the whole face is in the picture."),
    ),
    "capture_face_too_small": (
        _("The performer's face is smaller than 96 pixels."),
        _("Use a video of higher resolution, or one taken from closer."),
    ),
}


class CaptureRejected(Exception):
    """No motion can be taken from a video. `code` is stable, `message` says why, `hint` what to do, `time_s`
    where in the video."""

    def __init__(self, code: str, time_s: float) -> None:
        self.code, self.time_s = code, time_s
        self.message, self.hint = REFUSALS[code]
        super().__init__(f"{self.message} {self.hint} ({time_s:.1f} s)")
