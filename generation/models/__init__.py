"""Database models of the generation app."""

from generation.models.driving_audio import DrivingAudio
from generation.models.idempotency import IdempotencyKey
from generation.models.job import Job
from generation.models.portrait import Portrait
from generation.models.rendition import Rendition

__all__ = ["DrivingAudio", "IdempotencyKey", "Job", "Portrait", "Rendition"]
