"""What browsers are told: https alone, which origins a page may use, which devices."""

from __future__ import annotations

from csp.constants import NONE, SELF

from config.settings.topics.places import LIKENESS_BASE_URL, is_behind_proxy

_https = LIKENESS_BASE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [LIKENESS_BASE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if is_behind_proxy else None
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
