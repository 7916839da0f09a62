"""Settings of Likeness. Every default works on one machine; production differs by environment only.

Each variable is described in docs/settings.md.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from config.env import (
    env_bool,
    env_choice,
    env_choices,
    env_function,
    env_hosts,
    env_int,
    env_origin,
    env_path,
    env_secret,
    env_secret_url,
    env_str,
    env_text,
    env_url,
    env_urls,
    env_weights,
    refuse_without,
)
from config.logs import structlog_processors
from generation.animation.registry import FACE_RIG, MOTION_FLOW, MOTION_SOURCES, RENDERERS
from provenance import version

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VERSION = version.VERSION

# --- where things are --------------------------------------------------------------------------------------
LIKENESS_DATA_DIR = env_path("LIKENESS_DATA_DIR", BASE_DIR / "var")
LIKENESS_KEYS_DIR = env_path("LIKENESS_KEYS_DIR", LIKENESS_DATA_DIR / "keys")
LIKENESS_BASE_URL = env_origin("LIKENESS_BASE_URL", "http://localhost:8000")
# It stands in every manifest, and a manifest with a mail address in it is not signed.
LIKENESS_PROVIDER_NAME = env_text(
    "LIKENESS_PROVIDER_NAME",
    "Likeness (development)",
    pattern=r"(?!.*[^\s@]@[^\s@]+\.[A-Za-z]{2}).*\S.*",
    rule="a name, without a mail address in it",
)

# What the operator calls this installation; /readyz tells it.
LIKENESS_INSTANCE = env_text(
    "LIKENESS_INSTANCE", "", pattern=r"[\w.-]{0,64}", rule="a name of letters, digits, . and -"
)
# Whoever has it may fetch /metrics; without one there is no such page.
LIKENESS_METRICS_TOKEN = env_secret("LIKENESS_METRICS_TOKEN")
# Where traces are sent (OTLP over HTTP); without it none are recorded.
LIKENESS_TRACES_URL = env_url("LIKENESS_TRACES_URL")

# --- keys --------------------------------------------------------------------------------------------------
LIKENESS_LOG_ORIGIN = env_text(
    "LIKENESS_LOG_ORIGIN",
    "likeness.example/log",
    pattern=r"[^\s+]+",
    rule="a name without white space or a plus",
)
LIKENESS_LOG_KEY_FILE = env_path("LIKENESS_LOG_KEY_FILE", LIKENESS_KEYS_DIR / "log-ed25519.pem")
LIKENESS_LOG_MARK_CALLBACK = env_function("LIKENESS_LOG_MARK_CALLBACK")
LIKENESS_LOG_WITNESSES_FILE = env_path("LIKENESS_LOG_WITNESSES_FILE", LIKENESS_KEYS_DIR / "witnesses.txt")
LIKENESS_SIGNING_CHAIN_FILE = env_path("LIKENESS_SIGNING_CHAIN_FILE", LIKENESS_KEYS_DIR / "signing-chain.pem")
LIKENESS_SIGNING_KEY_FILE = env_path("LIKENESS_SIGNING_KEY_FILE", LIKENESS_KEYS_DIR / "signing-key.pem")
LIKENESS_SIGNING_CALLBACK = env_function("LIKENESS_SIGNING_CALLBACK")
# The organisation's own certificate; without the file nobody's identity is named.
LIKENESS_ORGANISATION_CHAIN_FILE = env_path(
    "LIKENESS_ORGANISATION_CHAIN_FILE", LIKENESS_KEYS_DIR / "organisation-chain.pem"
)
LIKENESS_ORGANISATION_KEY_FILE = env_path(
    "LIKENESS_ORGANISATION_KEY_FILE", LIKENESS_KEYS_DIR / "organisation-key.pem"
)
LIKENESS_KMS_KEY_ID = env_str("LIKENESS_KMS_KEY_ID")
LIKENESS_KMS_REGION = env_str("LIKENESS_KMS_REGION")
LIKENESS_KMS_ENDPOINT_URL = env_url("LIKENESS_KMS_ENDPOINT_URL")
refuse_without("LIKENESS_KMS_KEY_ID", ("LIKENESS_KMS_REGION", "LIKENESS_KMS_ENDPOINT_URL"))
LIKENESS_TRUST_ANCHORS_FILE = env_path("LIKENESS_TRUST_ANCHORS_FILE", LIKENESS_KEYS_DIR / "trust-anchors.pem")
# Asked whether the signing certificate was taken back, instead of the responder that it names.
LIKENESS_OCSP_RESPONDER = env_url("LIKENESS_OCSP_RESPONDER")
# RFC 3161 servers, asked in this order. Without any, only a service on localhost signs videos.
LIKENESS_TIMESTAMP_SERVERS = env_urls("LIKENESS_TIMESTAMP_SERVERS")
LIKENESS_TIMESTAMP_ANCHORS_FILE = env_path(
    "LIKENESS_TIMESTAMP_ANCHORS_FILE", LIKENESS_KEYS_DIR / "timestamp-anchors.pem"
)
LIKENESS_WATERMARK_KEY_FILE = env_path("LIKENESS_WATERMARK_KEY_FILE", LIKENESS_KEYS_DIR / "watermark-key")
LIKENESS_WATERMARK_KEY_CALLBACK = env_function("LIKENESS_WATERMARK_KEY_CALLBACK")
LIKENESS_COMMITMENT_KEY_FILE = env_path("LIKENESS_COMMITMENT_KEY_FILE", LIKENESS_KEYS_DIR / "commitment-key")

# --- jobs --------------------------------------------------------------------------------------------------
LIKENESS_JOB_DEADLINE_S = env_int("LIKENESS_JOB_DEADLINE_S", 1200, minimum=10, maximum=86_400)
LIKENESS_JOB_MAX_WAIT_S = env_int("LIKENESS_JOB_MAX_WAIT_S", 14_400, minimum=10, maximum=7 * 86_400)
# A lease that outlived the deadline would leave a lost worker's job no second attempt.
LIKENESS_JOB_LEASE_S = env_int("LIKENESS_JOB_LEASE_S", 60, minimum=2, maximum=LIKENESS_JOB_DEADLINE_S)
# Who is served more often than others while all have jobs that wait; who is not named counts once.
LIKENESS_PARTNER_WEIGHTS = env_weights("LIKENESS_PARTNER_WEIGHTS", maximum=10)
LIKENESS_JOB_MAX_ATTEMPTS = env_int("LIKENESS_JOB_MAX_ATTEMPTS", 3, minimum=1, maximum=100)
# Of jobs that do not say.
LIKENESS_TAKEDOWN_HOURS = env_int("LIKENESS_TAKEDOWN_HOURS", 24, minimum=1, maximum=720)
# The code of a producer registered in China, for the metadata AIGC of videos with the preset china; the
# provider's name without one.
LIKENESS_AIGC_PRODUCER = env_text(
    "LIKENESS_AIGC_PRODUCER", "", pattern=r"[ -~]{0,64}", rule="at most 64 printable characters of ASCII"
)
LIKENESS_LABEL_PRESET = env_choice(
    "LIKENESS_LABEL_PRESET", "eu", choices=("eu", "california", "china", "india", "korea")
)
LIKENESS_LABEL_LANGUAGE = env_choice(
    "LIKENESS_LABEL_LANGUAGE", "en", choices=("en", "de", "fr", "es", "it", "ja", "ko", "zh")
)
LIKENESS_VIDEO_FPS = env_int("LIKENESS_VIDEO_FPS", 25, minimum=24, maximum=60)
LIKENESS_VIDEO_SIZE = env_int("LIKENESS_VIDEO_SIZE", 512, minimum=256, maximum=1080, multiple_of=2)
LIKENESS_RENDER_DEVICE = env_choice("LIKENESS_RENDER_DEVICE", "auto", choices=("auto", "cpu", "cuda"))
LIKENESS_VIDEO_ENCODER = env_choice("LIKENESS_VIDEO_ENCODER", "libx264", choices=("libx264", "h264_nvenc"))
LIKENESS_RENDERERS = env_choices("LIKENESS_RENDERERS", FACE_RIG, choices=RENDERERS.names())
# The renderer "liveportrait" reads these itself, in workers; here a word that it would not know is refused.
LIKENESS_LIVEPORTRAIT_FOLDER = env_str("LIKENESS_LIVEPORTRAIT_FOLDER")
LIKENESS_LIVEPORTRAIT_DIGEST = env_text(
    "LIKENESS_LIVEPORTRAIT_DIGEST", "", pattern=r"([0-9a-fA-F]{64})?", rule="64 hexadecimal digits"
)
LIKENESS_LIVEPORTRAIT_HALF = env_bool("LIKENESS_LIVEPORTRAIT_HALF", default=False)
LIKENESS_LIVEPORTRAIT_COMPILE = env_bool("LIKENESS_LIVEPORTRAIT_COMPILE", default=False)
LIKENESS_LIVEPORTRAIT_BATCH = env_int("LIKENESS_LIVEPORTRAIT_BATCH", 1, minimum=1, maximum=64)
# Videos of this many seconds and more are made in segments, by at most so many other workers at a time.
LIKENESS_SPLIT_FROM_S = env_int("LIKENESS_SPLIT_FROM_S", 40, minimum=15, maximum=86_400)
LIKENESS_SEGMENT_HELPERS = env_int("LIKENESS_SEGMENT_HELPERS", 7, minimum=0, maximum=255)
# Each holds one portrait, for one web process; a few minutes after its last preview it ends.
LIKENESS_STUDIO_PROCESSES = env_int("LIKENESS_STUDIO_PROCESSES", 2, minimum=1, maximum=64)
LIKENESS_MOTION_SOURCE = env_choice("LIKENESS_MOTION_SOURCE", MOTION_FLOW, choices=MOTION_SOURCES.names())

# --- live sessions -----------------------------------------------------------------------------------------
# Where browsers and programs reach the live server; of the local stack it is set to the port that was free.
LIKENESS_LIVE_URL = env_text(
    "LIKENESS_LIVE_URL",
    "ws://localhost:8001/live/",
    pattern=r"wss?://[A-Za-z0-9.:\[\]-]+/[A-Za-z0-9/_-]*",
    rule="an address that begins with ws:// or wss://",
)
# Where browsers reach the gateway of WebRTC, the second way into sessions; set, the page offers it.
LIKENESS_WEBRTC_URL = env_text(
    "LIKENESS_WEBRTC_URL",
    "",
    pattern=r"|https?://[A-Za-z0-9.:\[\]-]+/live/webrtc",
    rule="an address that begins with http:// or https:// and ends with /live/webrtc",
)
# How many sessions one live server takes at a time; 0 offers none.
LIKENESS_LIVE_SESSIONS = env_int("LIKENESS_LIVE_SESSIONS", 1, minimum=0, maximum=64)
LIKENESS_LIVE_MAX_S = env_int("LIKENESS_LIVE_MAX_S", 3600, minimum=10, maximum=86_400)
# Of sessions whose file is kept; its sealing reads it whole.
LIKENESS_LIVE_KEPT_MAX_S = env_int("LIKENESS_LIVE_KEPT_MAX_S", 900, minimum=10, maximum=7200)

# --- strangers' files --------------------------------------------------------------------------------------
# Read by provenance.sandbox itself, which knows no Django; here a word that it would not know is refused.
LIKENESS_SANDBOX = env_choice("LIKENESS_SANDBOX", "whole", choices=("whole", "reduced"))

# --- verification ------------------------------------------------------------------------------------------
LIKENESS_VERIFY_READERS = env_int("LIKENESS_VERIFY_READERS", 2, minimum=1, maximum=64)
# What one address may do: an office sends fifty files at once, and nobody fills the disk alone.
LIKENESS_VERIFY_FILES_PER_MINUTE = env_int("LIKENESS_VERIFY_FILES_PER_MINUTE", 120, minimum=1)
# 100 files and 2 GB may wait in all, and one file may have 100 MB.
LIKENESS_VERIFY_WAITING_FILES = env_int("LIKENESS_VERIFY_WAITING_FILES", 60, minimum=1, maximum=100)
LIKENESS_VERIFY_WAITING_MB = env_int("LIKENESS_VERIFY_WAITING_MB", 600, minimum=100, maximum=2000)
LIKENESS_PUBLIC_CALLS_PER_MINUTE = env_int("LIKENESS_PUBLIC_CALLS_PER_MINUTE", 600, minimum=1)

# --- retention ---------------------------------------------------------------------------------------------
# How long something is kept after the consent that covers it has ended. Operators can set other days.
LIKENESS_KEEP_SOURCES_DAYS = env_int("LIKENESS_KEEP_SOURCES_DAYS", 30, minimum=0, maximum=365)
LIKENESS_KEEP_VIDEOS_DAYS = env_int("LIKENESS_KEEP_VIDEOS_DAYS", 30, minimum=0, maximum=365)
# After a request was decided; the recording has done its work then.
LIKENESS_KEEP_LIVE_RECORDINGS_DAYS = env_int("LIKENESS_KEEP_LIVE_RECORDINGS_DAYS", 7, minimum=0, maximum=90)
LIKENESS_KEEP_VERDICTS_MINUTES = env_int("LIKENESS_KEEP_VERDICTS_MINUTES", 60, minimum=1, maximum=60)

# --- Django ------------------------------------------------------------------------------------------------
DEBUG = env_bool("LIKENESS_DEBUG", default=False)
_DEVELOPMENT_SECRET = "development-only-key-that-the-deployment-check-refuses"  # noqa: S105
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}
SECRET_KEY = env_secret("LIKENESS_SECRET_KEY", _DEVELOPMENT_SECRET)
ALLOWED_HOSTS = env_hosts("LIKENESS_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
_is_behind_proxy = env_bool("LIKENESS_BEHIND_PROXY", default=False)
_names = {urlsplit(LIKENESS_BASE_URL).hostname, *ALLOWED_HOSTS}
# A proxy may bring in the whole world under the name of localhost.
LIKENESS_ON_LOOPBACK = _names <= _LOOPBACK and not _is_behind_proxy
# Everybody can read the fallback here. It encrypts second factors and signs cookies, so it is for localhost
# only.
if SECRET_KEY == _DEVELOPMENT_SECRET and not LIKENESS_ON_LOOPBACK:
    raise ImproperlyConfigured(
        "Set LIKENESS_SECRET_KEY or LIKENESS_SECRET_KEY_FILE: the service is not on localhost."
    )
CSRF_TRUSTED_ORIGINS = [LIKENESS_BASE_URL]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "django_structlog",
    # allauth
    "allauth",
    "allauth.account",
    "allauth.mfa",
    # end allauth
    "config",
    "provenance",
    "accounts",
    "generation",
]

MIDDLEWARE = [
    "config.middleware.request_traces.RequestTracesMiddleware",
    "config.middleware.request_times.RequestTimesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "provenance.api.cross_origin.CrossOriginMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.languages.PageLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.body_limit.BodyLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "config.middleware.api_answers.ApiAnswersMiddleware",
    "config.problems.ProblemDetailsMiddleware",
    "config.middleware.readable_request.ReadableRequestMiddleware",
    "config.middleware.restored_database.RestoredDatabaseMiddleware",
    # allauth
    "allauth.account.middleware.AccountMiddleware",
    # end allauth
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.site.site_context",
            ],
        },
    }
]


# A server that is gone without a word is given up after so long, and not after the minutes to hours of the
# driver and the system: seconds until a connection, milliseconds until it acknowledges, seconds between
# probes.
_POSTGRESQL_WAITS = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def _database(url: str) -> dict[str, object]:
    """A Django database entry from a URL: postgresql://user:password@host/name or sqlite:///path."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        # Measured: WAL with immediate transactions and a busy timeout lets web and worker write side by side.
        # FULL: a power cut must not undo an entry whose signed checkpoint somebody has seen already.
        # secure_delete: what is erased from a row is not left in a free page.
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 10,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
            },
        }
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "config.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        # sslmode, sslrootcert and the like go to the driver; leaving them out would leave out encryption.
        "OPTIONS": _POSTGRESQL_WAITS
        | {name: unquote(value) for name, value in query.items() if name != "host"},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {
    "default": _database(
        env_secret_url(
            "LIKENESS_DATABASE_URL",
            f"sqlite:///{LIKENESS_DATA_DIR / 'likeness.sqlite3'}",
            schemes=("sqlite", "postgresql", "postgres"),
        )
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LIKENESS_REDIS_URL = env_secret_url(
    "LIKENESS_REDIS_URL",
    f"redis+socket://{LIKENESS_DATA_DIR / 'redis.sock'}",
    schemes=("redis", "rediss", "redis+socket"),
)
_redis_cache_url = LIKENESS_REDIS_URL.replace("redis+socket://", "unix://")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _redis_cache_url,
        "KEY_PREFIX": "likeness",
        # A cache that hangs must not hang the calls that it only counts.
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}

_bucket = env_text(
    "LIKENESS_S3_BUCKET", "", pattern=r"([A-Za-z0-9][A-Za-z0-9._-]+)?", rule="the bare name of a bucket"
)
# Without a bucket media would quietly be kept on this machine's disk.
_S3_SECRETS = ("LIKENESS_S3_ACCESS_KEY", "LIKENESS_S3_SECRET_KEY")
refuse_without("LIKENESS_S3_BUCKET", ("LIKENESS_S3_ENDPOINT_URL", "LIKENESS_S3_REGION", *_S3_SECRETS))
refuse_without(_S3_SECRETS[0], _S3_SECRETS[1:])
refuse_without(_S3_SECRETS[1], _S3_SECRETS[:1])
_media: dict[str, object] = (
    {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _bucket,
            "endpoint_url": env_url("LIKENESS_S3_ENDPOINT_URL") or None,
            "region_name": env_str("LIKENESS_S3_REGION") or None,
            "access_key": env_secret("LIKENESS_S3_ACCESS_KEY") or None,
            "secret_key": env_secret("LIKENESS_S3_SECRET_KEY") or None,
            "default_acl": None,
            "file_overwrite": True,
            "querystring_auth": True,
        },
    }
    if _bucket
    else {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(LIKENESS_DATA_DIR / "media"), "base_url": None},
    }
)
STORAGES = {
    "default": _media,
    "media": _media,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = LIKENESS_DATA_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# A folder of our own: what a killed process leaves in it is nobody else's, and is swept.
FILE_UPLOAD_TEMP_DIR = LIKENESS_DATA_DIR / "uploads"

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("it", "Italiano"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
# What was chosen with the links below a page, and nothing else; a year.
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- sign-in -----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/console/"
# allauth
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Codes instead of links: they work across devices, and our ids do not fit the links' pattern.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _is_behind_proxy else 0
MFA_ADAPTER = "accounts.access.mfa.EncryptingMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Likeness"
MFA_TOTP_TOLERANCE = 1
# Browsers offer passkeys without https on localhost only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LIKENESS_BASE_URL.startswith("http://")
# end allauth
_smtp = urlsplit(env_secret_url("LIKENESS_SMTP_URL", schemes=("smtp", "smtp+tls")))
if _smtp.hostname:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _smtp.hostname, _smtp.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_smtp.username or ""), unquote(_smtp.password or "")
    EMAIL_USE_TLS = _smtp.scheme == "smtp+tls"
    EMAIL_TIMEOUT = 10  # e-mails are sent while somebody waits for the page
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = LIKENESS_DATA_DIR / "mail"
# Sends text messages to subjects without an e-mail address; on localhost they are written to files.
LIKENESS_SMS_GATEWAY = env_function("LIKENESS_SMS_GATEWAY")
DEFAULT_FROM_EMAIL = env_text(
    "LIKENESS_FROM_EMAIL",
    "likeness@localhost",
    pattern=r"[^\s@<>]+@[^\s@<>]+|[^@<>\r\n]*<[^\s@<>]+@[^\s@<>]+>",
    rule="a mail address",
)

# --- browser security --------------------------------------------------------------------------------------
_https = LIKENESS_BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _is_behind_proxy else None
SESSION_COOKIE_HTTPONLY = True
# The origin alone, also to ourselves: the addresses of links to subjects are secrets. (Without any referrer,
# browsers send forms with "Origin: null".)
SECURE_REFERRER_POLICY = "strict-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": [],
    "microphone": [],
    "geolocation": [],
    "publickey-credentials-get": ["self"],
}

# --- Celery ------------------------------------------------------------------------------------------------
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

_log_level = env_choice(
    "LIKENESS_LOG_LEVEL", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
)
_log_format = env_choice("LIKENESS_LOG_FORMAT", "plain", choices=("plain", "json"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Addresses of links to subjects are secrets; requests, Django's warnings and tracebacks name them.
    "formatters": {
        "plain": {
            "()": "config.logs.SecretsLeftOut",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "config.logs.JsonLines"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": _log_format}},
    "root": {"handlers": ["console"], "level": _log_level},
}
# Requests go the same way as everything else; by itself the library would print them as they are.
structlog.configure(
    processors=structlog_processors(_log_format),
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
