"""Database models of the generation app."""

from generation.models.appeal import Appeal, AppealOutcome
from generation.models.driving_audio import DrivingAudio, Voice
from generation.models.erasable import Erasable, ErasureReason
from generation.models.face_match import FaceMatch, MatchDecision
from generation.models.face_registration import FaceRegistration
from generation.models.idempotency import IdempotencyKey
from generation.models.job import Job
from generation.models.live_recording import LiveRecording
from generation.models.live_session import KeptSession, LiveSession, LiveState
from generation.models.portrait import Portrait
from generation.models.rendering.render_segment import RenderSegment
from generation.models.rendering.render_worker import RenderWorker
from generation.models.rendition import Rendition
from generation.models.resumable_upload import ResumableUpload
from generation.models.second_look import SecondLook
from generation.models.voice_consent import VoiceConsent, VoiceState

__all__ = [
    "Appeal",
    "AppealOutcome",
    "DrivingAudio",
    "Erasable",
    "ErasureReason",
    "FaceMatch",
    "FaceRegistration",
    "IdempotencyKey",
    "Job",
    "KeptSession",
    "LiveRecording",
    "LiveSession",
    "LiveState",
    "MatchDecision",
    "Portrait",
    "RenderSegment",
    "RenderWorker",
    "Rendition",
    "ResumableUpload",
    "SecondLook",
    "Voice",
    "VoiceConsent",
    "VoiceState",
]
