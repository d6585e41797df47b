"""Django's settings, made from the environment; ``environment.SETTINGS`` is the whole list of what may be said there."""

import warnings
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from postme.keeping.store.settings import database
from postme.website import journal, wire
from postme.website.environment import Environment

HERE = Path(__file__).parent
ENVIRONMENT = Environment()

DATA = ENVIRONMENT.folder("POSTME_DATA")
SITE = ENVIRONMENT.text("POSTME_SITE")
SITE_IS_SET = ENVIRONMENT.given("POSTME_SITE")
LOG_ORIGIN = ENVIRONMENT.text("POSTME_LOG_NAME") or f"{urlsplit(SITE).hostname}/log"
LAWS = ENVIRONMENT.folders("POSTME_LAWS")
CATALOGUES = ENVIRONMENT.folders("POSTME_CATALOGUES")
OPERATOR = ENVIRONMENT.text("POSTME_OPERATOR")
CONTACT = ENVIRONMENT.text("POSTME_CONTACT")
RATE = ENVIRONMENT.amount("POSTME_RATE")
BURST = max(1.0, ENVIRONMENT.amount("POSTME_BURST"))
TRUST_PROXY = ENVIRONMENT.flag("POSTME_TRUST_PROXY")
DEBUG = ENVIRONMENT.flag("POSTME_DEBUG")
SECRET_KEY = ENVIRONMENT.secret
SECURE = SITE.startswith("https://")

ALLOWED_HOSTS = [urlsplit(SITE).hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SITE]
DATABASES = {"default": database(ENVIRONMENT.text("DATABASE_URL"), str(DATA / "postme.sqlite3"))}
if "timeout" in DATABASES["default"]["OPTIONS"]:
    # Chosen: somebody waits for the page, and the server ends what takes 60 seconds; a command may wait longer.
    DATABASES["default"]["OPTIONS"]["timeout"] = 15
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_tasks",
    "django_tasks_db",
    "postme.keeping.store",
    "postme.website",
]
MIDDLEWARE = [
    "postme.website.journal.journaled",
    "postme.website.middleware.shielded",
    "postme.website.middleware.bounded",
    "django.middleware.security.SecurityMiddleware",
    "postme.website.answers.open_to_all",
    "postme.website.middleware.sayable",
    "postme.website.pace.paced",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "postme.website.wire.compressed",
    "django.middleware.http.ConditionalGetMiddleware",
    "postme.website.wire.kept_a_while",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "postme.website.urls"
WSGI_APPLICATION = "postme.website.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "postme.website.pages.frame",
            ],
            "builtins": ["django.templatetags.i18n", "postme.website.templatetags.words"],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [HERE / "jinja2"],
        "OPTIONS": {"environment": "postme.website.longtables.environment"},
    },
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static" / wire.version_of(HERE / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "postme.website.assets.Collected"},
}
WHITENOISE_USE_FINDERS = True
warnings.filterwarnings("ignore", "No directory at")  # nothing was collected, and the finders serve
WHITENOISE_MAX_AGE = 3600

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Chosen: what a form of this site can need; an upload of a gigabyte is refused before it fills memory.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# The desk: an administrator makes accounts; a person signs in with name, password and a second factor.
TWO_FACTOR = ENVIRONMENT.flag("POSTME_TWO_FACTOR")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"
CSRF_FAILURE_VIEW = "postme.website.pages.desk.kept.csrf_failed"
# Chosen: a working day; whoever comes back later signs in again, and finds what was typed.
SESSION_COOKIE_AGE = 12 * 3600
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
ACCOUNT_ADAPTER = "postme.website.accounts.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
# Chosen: somebody who mistypes gets ten tries in five minutes; a machine that guesses gets no more.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "20/m/ip,10/300s/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = f"postme {urlsplit(SITE).hostname}"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True

# Whose tries are counted: as pace.visitor has it, the last address that a trusted proxy tells of.
ALLAUTH_TRUSTED_PROXY_COUNT = int(TRUST_PROXY)

# What runs in the background; jobs.py lists it.
JOBS = ENVIRONMENT.text("POSTME_JOBS")
TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend"
        if JOBS == "worker"
        else "django_tasks.backends.immediate.ImmediateBackend"
    }
}

# Mail, where a server is named; without one, none is sent and nobody is asked to wait for any.
MAIL = ENVIRONMENT.mail
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL else 'dummy'}.EmailBackend"
if MAIL:
    EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.host, MAIL.port, MAIL.user, MAIL.password
    EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL.secure == "tls", MAIL.secure == "starttls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.text("POSTME_MAIL_FROM") or "nobody@localhost"
MAIL_STAFF = ENVIRONMENT.text("POSTME_MAIL_STAFF")
MAIL_KEY = ENVIRONMENT.text("POSTME_MAIL_KEY")
MAIL_FILES = ENVIRONMENT.flag("POSTME_MAIL_FILES")

LOGGING = journal.settings(ENVIRONMENT.text("POSTME_LOG_LEVEL"))
