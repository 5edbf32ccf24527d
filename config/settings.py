"""Settings, by topic; what differs between places comes from the environment (docs/operations.md)."""

import os
from pathlib import Path

from csp.constants import NONE, SELF

from config.environment import (
    business_date,
    database,
    file,
    flag,
    folder,
    hosts,
    hours,
    log_level,
    mail_server,
    mailbox,
    mailbox_to_read,
    networks,
    number,
    phrase,
    queue,
    secret_key,
    site,
    sites,
    storage,
    within,
)

# Whatever is written from here on (database, evidence, mail, queue, log heads) is for the portal's own user alone.
os.umask(0o077)

# Where, and whether for show --------------------------------------------------------------------
# The demonstration has a folder of its own, so that its people never turn up in a real portal.
BASE_DIR = Path(__file__).resolve().parent.parent
DEMO = flag("DEMO", default=False)
DATA_DIR = folder("DATA_DIR", default=BASE_DIR / "data" / ("demo" if DEMO else "portal"))

# Who runs it ------------------------------------------------------------------------------------
PORTAL_TODAY = business_date("PORTAL_TODAY", demo=DEMO)
DEBUG = flag("DEBUG", default=False)
SECRET_KEY = secret_key(DATA_DIR)
ALLOWED_HOSTS = hosts("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = sites("CSRF_TRUSTED_ORIGINS")
HTTPS = flag("HTTPS", default=False)
# Whose word is taken for whom a request comes from (agencies/lib/addresses.py).
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")
SITE_URL = site("SITE_URL", default="http://127.0.0.1:8000")

# What -------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "django_htmx",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "agencies",
    "reforms",
    "importers",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "agencies.lib.requests.CompressionMiddleware",
    "agencies.lib.requests.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "agencies.lib.requests.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "reforms.errors.BodyLimitMiddleware",  # before the form is read to look for its token
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "agencies.people.sessions.LivingSessionMiddleware",
    "reforms.errors.NotAllowedMiddleware",
    "agencies.access.AccessMiddleware",  # after whatever it asks: who is signed in, where messages go
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reforms.pages.context.portal",
            ],
        },
    }
]

# Database ---------------------------------------------------------------------------------------
# SQLite: WAL so that readers never wait, IMMEDIATE so that writers queue instead of failing halfway,
# FULL so that what was acknowledged survives a power cut.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}
DATABASES = {"default": database("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'portal.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Queue and cache --------------------------------------------------------------------------------
REDIS_URL = queue("REDIS_URL")
QUEUE_DIR = folder("QUEUE_DIR", default=DATA_DIR / "queue")
(QUEUE_DIR / "messages").mkdir(exist_ok=True)
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 600, "socket_connect_timeout": 3, "socket_timeout": 3, "max_retries": 0}
    if REDIS_URL
    else {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
    }
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A message is a hint (config/celery.py): no page waits long for a queue that is away, or tries again.
CELERY_BROKER_CONNECTION_TIMEOUT = 3
CELERY_TASK_PUBLISH_RETRY = False
# `shared` is seen by the web and the worker alike, also where there is no Redis.
REDIS_CACHE = {
    "BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": REDIS_URL,
    "OPTIONS": {"socket_connect_timeout": 3, "socket_timeout": 3},
}
CACHES = {
    "default": REDIS_CACHE if REDIS_URL else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "shared": REDIS_CACHE
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": DATA_DIR / "cache"},
}

# Mail -------------------------------------------------------------------------------------------
MAIL = mail_server("EMAIL_URL")
# Whether letters reach a mail server, rather than a folder or the console.
MAIL_GOES_OUT = MAIL.get("EMAIL_BACKEND", "").endswith("smtp.EmailBackend")
if MAIL:
    EMAIL_BACKEND = "reforms.lib.mail.SmtpBackend" if MAIL_GOES_OUT else MAIL["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = MAIL["EMAIL_HOST"], MAIL["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL["EMAIL_HOST_USER"], MAIL["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.get("EMAIL_USE_TLS", False), MAIL.get("EMAIL_USE_SSL", False)
else:
    EMAIL_BACKEND = "reforms.lib.mail.FolderBackend"
MAIL_DIR = folder("MAIL_DIR", default=DATA_DIR / "mail")
DELIVERY_LEASE = number("DELIVERY_LEASE", default=300, least=1, most=86_400)
RESEND_AFTER = number("RESEND_AFTER", default=900, least=1, most=86_400)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = mailbox("MAIL_FROM", default="改革事项督办平台 <noreply@localhost>")
MAIL_REPLY_TO = mailbox("MAIL_REPLY_TO", default="")
# Where letters come back that did not arrive: the mailbox that is read, and its address where it is not MAIL_FROM's.
BOUNCES = mailbox_to_read("BOUNCE_URL")
BOUNCE_ADDRESS = mailbox("BOUNCE_ADDRESS", default="")
# The Date of a letter in Asia/Shanghai, as its text says it.
EMAIL_USE_LOCALTIME = True

# Letters go out on working days within these hours, digests from their own time on (Asia/Shanghai).
LETTER_HOURS = hours("LETTER_HOURS", default="08:30-18:00")
DIGESTS_FROM = within("DIGESTS_FROM", default="09:00", span=LETTER_HOURS, of="LETTER_HOURS")

OFFICE_NAME = phrase("OFFICE_NAME", default="市营商环境改革专班办公室", most=120)

# Signing in -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "agencies.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "overview"
AUTHENTICATION_BACKENDS = ["agencies.people.sign_in.PasswordBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = False  # LivingSessionMiddleware moves it on, less often
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60  # how long a one-time link lives

# What a browser may do --------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "reforms.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    # The proxy in front speaks https and says so in this header.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

# Files ------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": storage("UPLOADS_BACKEND", "UPLOADS_OPTIONS"),
    "staticfiles": {"BACKEND": "config.static.PublicStaticFiles"},
}
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
MEDIA_ROOT = folder("UPLOADS_DIR", default=DATA_DIR / "uploads")
# A file to download with more rows is made by the worker; so many take about a second.
ROWS_EXPORTED_AT_ONCE = 5_000
# Editions with more measures are compared and taken back by the worker.
MEASURES_OF_AN_EDITION_AT_ONCE = 1_000
EVIDENCE_MAX_MB = number("EVIDENCE_MAX_MB", default=20, least=1, most=1000)
EVIDENCE_MAX_FILES = number("EVIDENCE_MAX_FILES", default=10, least=1, most=100)

# How many bytes a request may bring (reforms/errors.py): what a form of any page may, with a workbook in it, and the
# addresses, by name, that take more. A little is left to the form around a file.
MEGABYTE = 1_048_576
BODY_LIMIT = 4 * MEGABYTE
BODY_LIMITS = {
    "imports": 24 * MEGABYTE,
    "add-evidence": (EVIDENCE_MAX_MB * EVIDENCE_MAX_FILES + 4) * MEGABYTE,
    "api-report-evidence": (EVIDENCE_MAX_MB + 1) * MEGABYTE,
}

# Where exported heads of the change log are appended (docs/operations.md).
LOG_HEADS_FILE = file("LOG_HEADS_FILE", default=DATA_DIR / "log-heads.jsonl")

# Language and time ------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# API --------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "reforms.api.http.authentication.BearerTokenAuthentication",
        "reforms.api.http.authentication.PageSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["reforms.api.http.authentication.DenyByDefault"],
    "DEFAULT_RENDERER_CLASSES": ["reforms.api.http.rendering.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["reforms.api.http.parsing.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "reforms.api.schema.PortalSchema",
    "EXCEPTION_HANDLER": "reforms.api.http.problems.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COMPACT_JSON": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "改革事项督办平台 API",
    "DESCRIPTION": "Reform lists, items, measures, agencies and their progress. See docs/api.md.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# Logs -------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "agencies.lib.requests.RequestIdFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "root": {"handlers": ["stderr"], "level": log_level("LOG_LEVEL", default="INFO")},
}
