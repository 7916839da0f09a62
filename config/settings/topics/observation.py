"""What the service tells of itself: its name, the process log, metrics, traces."""

from __future__ import annotations

import structlog

from config.env import env_choice, env_secret, env_text, env_url
from config.logs import structlog_processors

# What the operator calls this installation; /readyz tells it.
LIKENESS_INSTANCE = env_text(
    "LIKENESS_INSTANCE", "", pattern=r"[\w.-]{0,64}", rule="a name of letters, digits, . and -"
)
# Whoever has it may fetch /metrics; without one there is no such page.
LIKENESS_METRICS_TOKEN = env_secret("LIKENESS_METRICS_TOKEN")
# Where traces are sent (OTLP over HTTP); without it none are recorded.
LIKENESS_TRACES_URL = env_url("LIKENESS_TRACES_URL")

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
