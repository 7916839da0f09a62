"""Celery: queues, limits, and what is done again and again."""

from __future__ import annotations

from kombu import Queue

from config.settings.topics.jobs import LIKENESS_JOB_DEADLINE_S
from config.settings.topics.places import LIKENESS_DATA_DIR
from config.settings.topics.stores import LIKENESS_REDIS_URL

# The job row is the truth, never the broker: docs/life-of-a-job.md says why these differ from the defaults.
CELERY_BROKER_URL = LIKENESS_REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TRACK_STARTED = True
CELERY_TASK_SOFT_TIME_LIMIT = LIKENESS_JOB_DEADLINE_S
CELERY_TASK_TIME_LIMIT = LIKENESS_JOB_DEADLINE_S + 120
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 60
# A message that cannot be sent at once is sent by the reconciler; the caller is not kept waiting for it.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0}
# No time limit on the broker's socket here: a worker whose acknowledgement timed out takes no message again.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": max(3 * 3600, 3 * CELERY_TASK_TIME_LIMIT)}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Files to verify come from anybody: in a queue of their own they cannot keep e-mails and webhooks waiting,
# since a worker takes from its queues in turn.
CELERY_TASK_QUEUES = [Queue("cpu"), Queue("gpu"), Queue("io"), Queue("verify")]
CELERY_TASK_DEFAULT_QUEUE = "io"
CELERY_TASK_ROUTES = {"provenance.tasks.verify_upload": {"queue": "verify"}}
CELERY_BEAT_SCHEDULE_FILENAME = str(LIKENESS_DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "note-beat": {"task": "config.tasks.note_beat", "schedule": 30.0},
    "expire-consents": {"task": "accounts.tasks.expire_consents", "schedule": 300.0},
    "send-unsent-requests": {"task": "accounts.tasks.send_unsent_requests", "schedule": 300.0},
    "delete-expired-codes": {"task": "accounts.tasks.delete_expired_codes", "schedule": 86_400.0},
    "delete-expired-sessions": {"task": "accounts.tasks.delete_expired_sessions", "schedule": 86_400.0},
    "send-webhooks": {"task": "accounts.tasks.send_webhooks", "schedule": 15.0},
    "delete-old-webhooks": {"task": "accounts.tasks.delete_old_webhooks", "schedule": 86_400.0},
    "erase-what-is-due": {"task": "generation.tasks.erase_what_is_due", "schedule": 900.0},
    "sweep-strays": {"task": "generation.tasks.sweep_strays", "schedule": 86_400.0},
    "send-voice-requests": {"task": "generation.tasks.send_voice_requests", "schedule": 300.0},
    "describe-portraits": {"task": "generation.tasks.describe_portraits", "schedule": 300.0},
    "check-recordings": {"task": "generation.tasks.check_recordings", "schedule": 300.0},
    "reconcile-jobs": {"task": "generation.tasks.reconcile", "schedule": 30.0},
    "sweep-verifications": {"task": "provenance.tasks.sweep_verifications", "schedule": 60.0},
    "probe-signing-key": {"task": "provenance.tasks.probe_signing_key", "schedule": 300.0},
    "ask-witnesses": {"task": "provenance.tasks.ask_witnesses", "schedule": 30.0},
    "publish-checkpoint": {"task": "provenance.tasks.publish_checkpoint", "schedule": 60.0},
}
