"""The web process never loads the model's libraries: CUDA and fork do not mix, and it starts in a second."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "cv2", "numba", "scipy", "imwatermark", "ai_edge_litert", "av")
# Clients of what only some services have, or only some commands ask.
CLIENTS = ("redis", "boto3", "psycopg")


@pytest.mark.slow
def test_it_serves_every_route_without_importing_the_models_libraries():
    program = (
        "import sys, django; django.setup();"
        "from django.test import Client; import config.urls, config.wsgi, config.asgi;"
        "Client().get('/livez'); Client().get('/v1/openapi.json');"
        f"print(','.join(m for m in {HEAVY!r} if m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""


@pytest.mark.slow
def test_a_command_on_sqlite_loads_no_client_before_it_asks_for_something():
    program = (
        "import sys, django; django.setup(); import config.urls, config.wsgi, config.asgi;"
        f"print(','.join(m for m in {CLIENTS!r} if m in sys.modules))"
    )
    own = {name: value for name, value in os.environ.items() if name != "LIKENESS_DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**own, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""
