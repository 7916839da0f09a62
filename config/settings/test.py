"""The few overrides for tests: everything under one temporary folder, cheap hashing, no network."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "LIKENESS_TEST_DIR" not in os.environ:
    os.environ["LIKENESS_TEST_DIR"] = tempfile.mkdtemp(prefix="likeness-test-")
    # Only the process that made the folder removes it: test processes and their children are inside it.
    atexit.register(shutil.rmtree, os.environ["LIKENESS_TEST_DIR"], ignore_errors=True)
_shared = os.environ["LIKENESS_TEST_DIR"]
# A folder for each parallel test process, so that a test that lists the stored videos sees only its own.
_root = Path(_shared, os.environ.get("PYTEST_XDIST_WORKER", ""))
if os.environ.get("LIKENESS_DATA_DIR", _shared) == _shared:
    os.environ["LIKENESS_DATA_DIR"] = str(_root)
(_root / "staticfiles").mkdir(parents=True, exist_ok=True)  # whitenoise looks there at start

from config.settings.base import *  # noqa: E402

SECRET_KEY = "tests-only"  # noqa: S105
DATABASES["default"]["TEST"] = {"NAME": None}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_BROKER_URL = "memory://"
LIKENESS_VIDEO_SIZE = 256
