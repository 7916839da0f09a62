"""The web process never loads the model's libraries: CUDA and fork do not mix, and it starts in a second."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "cv2", "numba", "scipy", "imwatermark", "ai_edge_litert", "av")


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
