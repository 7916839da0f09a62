"""Where things are, under which names the service is reached, and whether by others than this machine."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.env import env_bool, env_hosts, env_origin, env_path, env_secret, env_text
from provenance import version

BASE_DIR = Path(__file__).resolve().parents[3]
VERSION = version.VERSION

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

DEBUG = env_bool("LIKENESS_DEBUG", default=False)
_DEVELOPMENT_SECRET = "development-only-key-that-the-deployment-check-refuses"  # noqa: S105
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}
SECRET_KEY = env_secret("LIKENESS_SECRET_KEY", _DEVELOPMENT_SECRET)
ALLOWED_HOSTS = env_hosts("LIKENESS_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
is_behind_proxy = env_bool("LIKENESS_BEHIND_PROXY", default=False)
_names = {urlsplit(LIKENESS_BASE_URL).hostname, *ALLOWED_HOSTS}
# A proxy may bring in the whole world under the name of localhost.
LIKENESS_ON_LOOPBACK = _names <= _LOOPBACK and not is_behind_proxy
# Everybody can read the fallback here. It encrypts second factors and signs cookies, so it is for localhost
# only.
if SECRET_KEY == _DEVELOPMENT_SECRET and not LIKENESS_ON_LOOPBACK:
    raise ImproperlyConfigured(
        "Set LIKENESS_SECRET_KEY or LIKENESS_SECRET_KEY_FILE: the service is not on localhost."
    )
