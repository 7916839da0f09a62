"""Calls are limited also while the shared cache cannot be reached."""

from __future__ import annotations

import pytest

from provenance.common.rate_limit import RateLimited, count_call


@pytest.fixture
def _no_cache(settings, tmp_path):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"unix://{tmp_path}/nobody-listens.sock",
        }
    }


@pytest.fixture(autouse=True)
def _no_calls_counted():
    """In place of the one for all tests, which empties the cache that is away here."""


@pytest.mark.usefixtures("_no_cache")
def test_this_process_counts_while_the_shared_cache_is_away(tmp_path):
    for _ in range(3):
        count_call(str(tmp_path), limit=3)
    with pytest.raises(RateLimited):
        count_call(str(tmp_path), limit=3)
