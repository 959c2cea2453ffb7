"""Django settings. What a deployment may change comes from ``config.environment``; nothing else is read here."""

import logging
import os
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from onepoint.config.environment import PROJECT_ROOT, environment
from onepoint.config.logs import log_settings

PACKAGE = Path(__file__).resolve().parents[1]

DEBUG = environment.debug
ALLOWED_HOSTS = environment.allowed_hosts
CSRF_TRUSTED_ORIGINS = environment.trusted_origins


def _secret_key() -> str:
    if environment.secret_key:
        return environment.secret_key
    path = environment.data_dir / "secret_key"
    if path.exists():
        return path.read_text().strip()
    raise ImproperlyConfigured("ONEPOINT_SECRET_KEY is not set and the data folder has no secret_key file")


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = environment.old_secret_keys


#: How the server treats a session. What is prepared (``core.prepared``) is planned once, and never again with its values:
#: to plan the timeline of a ticket anew, over all months of the journal, takes five times as long as to read it.
SESSION = (
    "jit=off", "lock_timeout=5s", "idle_in_transaction_session_timeout=60s", "plan_cache_mode=force_generic_plan",
)  # fmt: skip


def database_from_url(url: str) -> dict[str, Any]:
    """A Django database entry for a ``postgresql://`` URL (any libpq parameter may follow the ``?``)."""
    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "onepoint"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        # Web threads are fixed in number, so each keeps its connection; the check survives a restarted server.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**parts, "options": " ".join(f"-c {setting}" for setting in SESSION)},
    }


def _database_url() -> str:
    if environment.database_url:
        return environment.database_url
    path = environment.data_dir / "database_url"
    if path.exists():
        return path.read_text().strip()
    raise ImproperlyConfigured("ONEPOINT_DATABASE_URL is not set and the data folder has no database_url file")


def pooled(database: dict[str, Any]) -> dict[str, Any]:
    """The entry as a pool that gives a connection per transaction can serve it: nothing that outlives one is used."""
    options = {name: value for name, value in database["OPTIONS"].items() if name != "options"}
    return {**database, "DISABLE_SERVER_SIDE_CURSORS": True, "OPTIONS": {**options, "prepare_threshold": None}}


#: Where whoever needs a session of its own goes (LISTEN, the worker and its locks), pool or no pool.
SESSION_DATABASE = database_from_url(_database_url())
#: Whether this is a web process behind a pool; the worker and commands never are.
IS_POOLED = bool(environment.pool_url) and os.environ.get("ONEPOINT_SERVES") == "web"
DATABASES = {"default": pooled(database_from_url(environment.pool_url)) if IS_POOLED else SESSION_DATABASE}
if environment.replica_url:
    DATABASES["replica"] = {**database_from_url(environment.replica_url), "TEST": {"MIRROR": "default"}}
REPLICA_MOST_LAG = environment.replica_most_lag
WEB_THREADS = environment.web_threads
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CAPABILITIES = [
    name
    for name in (
        "core accounts customers sla dynamic_forms assignment channels telephony notifications workflow knowledge guided_scripts "
        "inventory tickets dispatch follow_ups grants quality regulators integrations analytics portal workspace demo"
    ).split()
    if (PACKAGE / name / "apps.py").exists()
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_structlog",
    "ninja",
    "procrastinate.contrib.django",
    *(f"onepoint.{name}" for name in CAPABILITIES),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "onepoint.core.measuring.MeasureMiddleware",
    "onepoint.core.patience.PatienceMiddleware",
    "onepoint.core.middleware.QueryMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "onepoint.accounts.middleware.PersonMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "onepoint.integrations.middleware.ApiMiddleware",
    "onepoint.accounts.middleware.SessionLimitsMiddleware",
    "onepoint.accounts.middleware.PersonLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "onepoint.accounts.middleware.LoginRequiredMiddleware",
    "onepoint.core.middleware.ActorMiddleware",
    "onepoint.core.middleware.ReaderMiddleware",
    "onepoint.accounts.middleware.StampsMiddleware",
    "onepoint.core.middleware.BusinessErrorMiddleware",
    "onepoint.core.middleware.RequestLogMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "onepoint.config.urls"
WSGI_APPLICATION = "onepoint.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the applications', so that our login pages win over allauth's.
        "DIRS": [PACKAGE / "core" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "onepoint.core.context_processors.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "onepoint.core.templatetags.ui",
                "onepoint.core.templatetags.ui_personal",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "onepoint.accounts.login.PersonBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "onepoint.accounts.passwords.CharacterClassesValidator"},
    {"NAME": "onepoint.accounts.passwords.PasswordHistoryValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "onepoint.accounts.login.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_FORMS = {"login": "onepoint.accounts.forms.LoginForm"}
ACCOUNT_SESSION_REMEMBER = False
# axes counts failures, in the database, across all web processes; a whole call centre logs in from one address.
ACCOUNT_RATE_LIMITS = {"login_failed": None, "login": "600/m/ip"}
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # else anybody could keep a colleague locked out for ever
AXES_USERNAME_CALLABLE = "onepoint.accounts.login.lock_out_name_of"
AXES_LOCKOUT_CALLABLE = "onepoint.accounts.login.show_lock_out"
AXES_DISABLE_ACCESS_LOG = True
# An account is locked whatever the address: a call centre shares one, and an attacker may have many.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]

SESSION_ENGINE = "onepoint.accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = environment.behind_tls
CSRF_COOKIE_SECURE = environment.behind_tls
SECURE_SSL_REDIRECT = environment.behind_tls
SECURE_HSTS_SECONDS = 31_536_000 if environment.behind_tls else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = environment.behind_tls
SECURE_HSTS_PRELOAD = environment.behind_tls
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.behind_tls else None
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"


def style_digest(template: Path) -> str:
    """The one inline style the policy lets through: of the page that must show when no file is served."""
    text = template.read_text().partition("<style>")[2].partition("</style>")[0]
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF, style_digest(PACKAGE / "core/templates/core/ui/plain_failure.html")],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese (simplified)")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "onepoint_language"
LOCALE_PATHS = [PACKAGE / name / "locale" for name in CAPABILITIES if (PACKAGE / name / "locale").exists()]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = environment.data_dir / "static"
STATICFILES_DIRS = [path for path in (PACKAGE / "static_build",) if path.exists()]
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+[-.][0-9A-Za-z_-]{8,}\..+$"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": environment.data_dir / "attachments", "base_url": None},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SCANNER = environment.scanner
SCANNER_REQUIRED = environment.scanner_required
MAX_UPLOAD_BYTES = environment.max_upload_megabytes * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PROCRASTINATE_IMPORT_PATHS = [
    f"onepoint.{name}.tasks" for name in CAPABILITIES if (PACKAGE / name / "tasks.py").exists()
]
PROCRASTINATE_AUTODISCOVER_TASKS = False

LOGGING = log_settings(environment.log_format, environment.log_level)
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request is enough
METRICS_TOKEN = environment.metrics_token
SLOW_STATEMENT_SECONDS = environment.slow_statement_milliseconds / 1000
DATA_DIR = environment.data_dir
AUDIT_ANCHORS = environment.audit_anchors or environment.data_dir / "audit-anchors.txt"
PROJECT_ROOT = PROJECT_ROOT
