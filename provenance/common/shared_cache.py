"""What is raised while the shared cache is away: whoever asks it goes on without."""

from __future__ import annotations


def cache_away() -> type[Exception]:
    """The class of it, to be written as `except cache_away():`.

    Python asks for it only once something was raised, when the client is loaded anyway. It takes a tenth of a
    second, which commands that never ask the cache need not spend.
    """
    from redis.exceptions import RedisError  # noqa: PLC0415 - see above

    return RedisError
