"""How e-mails and text messages are sent."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from config.env import env_function, env_secret_url, env_text
from config.settings.topics.places import LIKENESS_DATA_DIR

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
