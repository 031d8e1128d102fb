"""Settings: puts the parts together; every value an operator may change is an environment variable named MAILLAGE_…"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from maillage.house.database import database_settings, home_from
from maillage.house.logs import logging_settings

HOME: Path = home_from(os.environ)
PACKAGE = Path(__file__).resolve().parent.parent


def _flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def _secret_key() -> str:
    """The key of the environment, or one made once and kept in the home folder, readable by its owner only."""
    if given := os.environ.get("MAILLAGE_SECRET_KEY"):
        return given
    path = HOME / "secret_key"
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="ascii")
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text(encoding="ascii")


SECRET_KEY = _secret_key()
DEBUG = False
SITE_ADDRESS = os.environ.get("MAILLAGE_ADDRESS", "http://127.0.0.1:8000").rstrip("/")
HTTPS = SITE_ADDRESS.startswith("https://")
# The name of the site's own address; this machine itself, whose watchers ask for /pret/; and those that are told.
ALLOWED_HOSTS = [urlsplit(SITE_ADDRESS).hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS += [host for host in os.environ.get("MAILLAGE_HOSTS", "").split(",") if host]


CORE_MANIFESTS = [
    "maillage.core.web",
    "maillage.core.people",
    "maillage.core.channels",
    "maillage.core.places",
    "maillage.core.administration",
]
ROOMS = ["maillage.rooms.atlas", "maillage.rooms.observatory"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "maillage.core.engine",
    "maillage.core.people",
    "maillage.core.places",
    "maillage.core.channels",
    "maillage.core.journal",
    "maillage.core.intake",
    "maillage.core.search",
    "maillage.core.readmodel",
    "maillage.core.administration",
    "maillage.core.web",
    *ROOMS,
]

MIDDLEWARE = [
    "maillage.house.watching.Watching",
    "maillage.core.engine.sight.RowSecurity",
    "maillage.house.replica.ReadYourWrites",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "maillage.core.web.compression.Compression",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "maillage.core.people.standing.Standing",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "maillage.core.web.middleware.ContentSecurityPolicy",
    "maillage.core.web.middleware.ErrorTable",
    "maillage.house.once_more.OnceMore",
]

ROOT_URLCONF = "maillage.house.urls"
WSGI_APPLICATION = "maillage.house.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "maillage.core.web.context.page",
            ],
            "builtins": ["maillage.core.web.templatetags.web"],
        },
    }
]

DATABASES = database_settings(os.environ, HOME)
DATABASE_ROUTERS = ["maillage.house.replica.Router"]
# A copy that is further behind the primary than this is not read from.
REPLICA_MOST_LAG_S = int(os.environ.get("MAILLAGE_REPLICA_MOST_LAG_S", "30"))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["maillage.core.people.backend.ByCode"]
LOGIN_URL = "people:sign_in"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("Français")), ("en", _("English")), ("ar", _("العربية"))]
LOCALE_PATHS = [PACKAGE / "core" / "web" / "locale"]
USE_I18N = True
TIME_ZONE = "Europe/Paris"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
MEDIA_ROOT = HOME / "files"

SESSION_ENGINE = "maillage.core.people.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "maillage.core.web.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_ADDRESS]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# A year; not for other names of the same domain, which are not ours to decide on. Sent on https only.
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

# Who answers for this installation: shown on the legal pages, which say plainly what is not filled in.
OPERATOR_NAME = os.environ.get("MAILLAGE_OPERATOR_NAME", "")
OPERATOR_ADDRESS = os.environ.get("MAILLAGE_OPERATOR_ADDRESS", "")
OPERATOR_PHONE = os.environ.get("MAILLAGE_OPERATOR_PHONE", "")
OPERATOR_EMAIL = os.environ.get("MAILLAGE_OPERATOR_EMAIL", "")
PUBLICATION_DIRECTOR = os.environ.get("MAILLAGE_PUBLICATION_DIRECTOR", "")
HOST_NAME = os.environ.get("MAILLAGE_HOST_NAME", "")

# Messages go out through a gateway; the one that writes files is the default and needs nothing.
MAIL_GATEWAY = os.environ.get("MAILLAGE_MAIL_GATEWAY", "maillage.core.channels.gateways.files")
SMS_GATEWAY = os.environ.get("MAILLAGE_SMS_GATEWAY", "maillage.core.channels.gateways.files")
# Calling codes to which a stranger may have a receipt sent by SMS: France and its overseas, where the price is known.
_COUNTRIES = os.environ.get("MAILLAGE_SMS_COUNTRIES", "33,262,508,590,594,596,681,687,689")
SMS_COUNTRIES = [code for code in _COUNTRIES.replace(" ", "").split(",") if code]
OUTBOX = HOME / "outbox"
# For MAILLAGE_MAIL_GATEWAY=maillage.core.channels.gateways.smtp
EMAIL_HOST = os.environ.get("MAILLAGE_SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("MAILLAGE_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("MAILLAGE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("MAILLAGE_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _flag("MAILLAGE_SMTP_TLS")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("MAILLAGE_MAIL_FROM", "") or OPERATOR_EMAIL or "maillage@localhost"

# Suggestions from one address above this rate are put aside for moderation; nobody is ever refused.
FLOOD_LIMIT = int(os.environ.get("MAILLAGE_FLOOD_LIMIT", "10"))
FLOOD_MINUTES = int(os.environ.get("MAILLAGE_FLOOD_MINUTES", "10"))
COMMUNITY_VOTES_NEEDED = int(os.environ.get("MAILLAGE_COMMUNITY_VOTES", "0"))
# Within how many days a person reads a suggestion: promised on the thank-you page.
ANSWER_DAYS = int(os.environ.get("MAILLAGE_ANSWER_DAYS", "7"))
# Number of proxies in front that set X-Forwarded-For; 0 believes the connection only.
TRUSTED_PROXIES = int(os.environ.get("MAILLAGE_TRUSTED_PROXIES", "0"))
if TRUSTED_PROXIES:
    # They also say whether the visitor came by https; the examples in deploy/ overwrite what a visitor would send.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Below this, /pret/ says that the site is not ready; who may read /mesures/ from another machine.
READY_FREE_MB = int(os.environ.get("MAILLAGE_READY_FREE_MB", "200"))
METRICS_TOKEN = os.environ.get("MAILLAGE_METRICS_TOKEN", "")

# Memory of each serving process for public pages kept whole; 0 keeps none.
KEPT_PAGES_MB = int(os.environ.get("MAILLAGE_KEPT_PAGES_MB", "48"))

# Codes of sources, the preferred first, where two disagree; the score from which duplicates merge by themselves (0: never).
SOURCE_ORDER = [code for code in os.environ.get("MAILLAGE_SOURCE_ORDER", "").split(",") if code]
AUTO_MERGE_SCORE = int(os.environ.get("MAILLAGE_AUTO_MERGE_SCORE", "0"))
INBOX = HOME / "inbox"

DEMO = _flag("MAILLAGE_DEMO")

# A second step for whoever decides for others (moderators and above). Off in a demo only: there the operator signs in by
# a link printed on the console, the data are public, and nobody has an application ready to try it.
SECOND_FACTOR = _flag("MAILLAGE_SECOND_FACTOR", default=not DEMO)
# An answer above this is noted among the slow ones, without address nor person.
SLOW_MS = int(os.environ.get("MAILLAGE_SLOW_MS", "1000"))

BASEMAP = os.environ.get("MAILLAGE_BASEMAP", "none")
LOGGING = logging_settings(os.environ)
