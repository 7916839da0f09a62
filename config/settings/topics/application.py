"""What the Django application is made of: apps, middleware, templates, languages."""

from __future__ import annotations

from config.settings.topics.places import BASE_DIR

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "django_structlog",
    # allauth
    "allauth",
    "allauth.account",
    "allauth.mfa",
    # end allauth
    "config",
    "provenance",
    "accounts",
    "generation",
]

MIDDLEWARE = [
    "config.middleware.request_traces.RequestTracesMiddleware",
    "config.middleware.request_times.RequestTimesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "provenance.api.cross_origin.CrossOriginMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.languages.PageLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.body_limit.BodyLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "config.middleware.api_answers.ApiAnswersMiddleware",
    "config.problems.ProblemDetailsMiddleware",
    "config.middleware.readable_request.ReadableRequestMiddleware",
    "config.middleware.restored_database.RestoredDatabaseMiddleware",
    # allauth
    "allauth.account.middleware.AccountMiddleware",
    # end allauth
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.site.site_context",
            ],
            "builtins": ["provenance.templatetags.days"],  # its `date` stands in place of Django's
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("it", "Italiano"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
# What was chosen with the links below a page, and nothing else; a year.
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
