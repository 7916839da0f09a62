"""Where data is kept: database, Redis (broker and cache), media, static files."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from config.env import env_secret, env_secret_url, env_str, env_text, env_url, refuse_without
from config.settings.topics.places import BASE_DIR, LIKENESS_DATA_DIR

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
