"""Every setting, read from the environment in one place, with safe defaults."""

from pathlib import Path

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("MUSTER_DATA", str(BASE_DIR / "var"))).resolve()

DEBUG = env.flag("MUSTER_DEBUG")
SECRET_KEY = env.text("MUSTER_SECRET_KEY")
if not SECRET_KEY:
    raise env.WrongSetting("MUSTER_SECRET_KEY is not set. bin/up makes one; by hand: any 50 random characters.")
SECRET_KEY_FALLBACKS = env.words("MUSTER_SECRET_KEY_FALLBACKS")

PUBLIC_URL = env.web_address(
    "MUSTER_PUBLIC_URL", f"http://{env.text('HOST', '127.0.0.1')}:{env.number('PORT', 8000, low=1, high=65535)}"
)
SECURE = PUBLIC_URL.startswith("https://")
BEHIND_PROXY = env.flag("MUSTER_BEHIND_PROXY")
ALLOW_PRIVATE_ADDRESSES = env.flag("MUSTER_ALLOW_PRIVATE_ADDRESSES")
HEARTBEAT_URL = env.text("MUSTER_HEARTBEAT_URL")
ALLOWED_HOSTS = env.words("MUSTER_ALLOWED_HOSTS") or sorted(
    {"127.0.0.1", "localhost", "[::1]", PUBLIC_URL.split("://")[1].rsplit(":", 1)[0]}
)

INSTALLED_APPS = [
    "core",
    "accounts",
    "catalog",
    "notifications",
    "oncall",
    "incidents",
    "alerts",
    "statuspage",
    "postmortems",
    "reliability",
    "insights",
    "config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
]

MIDDLEWARE = [
    "core.middleware.OriginMiddleware",
    "core.middleware.PatienceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.ReaderMiddleware",
    "core.middleware.RefusedMiddleware",
    "accounts.middleware.RefusedFormMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
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
                "core.context.muster",
            ],
            "builtins": ["core.templatetags.muster"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {
    "default": {
        **env.database(),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": "5",
    **DATABASES["default"]["OPTIONS"],  # type: ignore[dict-item]
    "pool": {
        "min_size": 1,
        "max_size": env.number("MUSTER_DB_POOL", 12, low=2, high=200),
        "timeout": 5,
        "reconnect_timeout": 3,  # its pauses double: with more, an outage is followed by as long a one of our own
    },
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL, CELERY_BROKER_URL = env.redis()
REDIS_OPTIONS = {"socket_timeout": 2, "socket_connect_timeout": 1}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_connect_timeout": 2}], "prefix": "muster"},
    }
}
CACHES = {  # counts of sign-in attempts: shared by all web processes, and there when Redis is not
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_attempts",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.NotLikeYou"},
    {"NAME": "accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "accounts.passwords.NotKnown"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.entrance.SignInForm",
    "reset_password": "accounts.entrance.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.entrance.NewPasswordForm",
    "change_password": "accounts.entrance.ChangePasswordForm",
    "set_password": "accounts.entrance.FirstPasswordForm",
    "reauthenticate": "accounts.entrance.WhoAreYouForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,6/5m/key", "reset_password": "10/m/ip,3/10m/key"}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
MFA_ADAPTER = "accounts.adapters.SecondStepAdapter"
MFA_FORMS = {
    "authenticate": "accounts.entrance.SecondStepForm",
    "reauthenticate": "accounts.entrance.SecondStepAgainForm",
    "activate_totp": "accounts.entrance.AuthenticatorForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
USERSESSIONS_TRACK_ACTIVITY = False
OIDC_URL = env.text("MUSTER_OIDC_URL")
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # who has an account here is known by the address the provider has verified
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "sso",
                "name": env.text("MUSTER_OIDC_NAME", "Single sign-on"),
                "client_id": env.text("MUSTER_OIDC_CLIENT_ID"),
                "secret": env.text("MUSTER_OIDC_SECRET"),
                "settings": {"server_url": OIDC_URL},
            }
        ]
        if OIDC_URL
        else []
    }
}
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "core.errors_views.csrf_failure"
SECURE_SSL_REDIRECT = False  # the proxy redirects browsers; a redirected POST would lose an alert (wire formats, 0.2)
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # SECURE_SSL_REDIRECT: see above
X_FRAME_OPTIONS = "DENY"
APPEND_SLASH = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
OIDC_ORIGINS = env.words("MUSTER_OIDC_ORIGINS") or (["/".join(OIDC_URL.split("/")[:3])] if OIDC_URL else [])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "connect-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'", *OIDC_ORIGINS],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STATUS_ROOT = DATA_DIR / "status"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "servestatic.storage.CompressedManifestStaticFilesStorage"
    },
}
SERVESTATIC_USE_FINDERS = DEBUG
SERVESTATIC_AUTOREFRESH = DEBUG

MAIL = env.mail()
EMAIL_HOST = str(MAIL["EMAIL_HOST"])
EMAIL_PORT = int(str(MAIL.get("EMAIL_PORT", 25)))
EMAIL_HOST_USER = str(MAIL.get("EMAIL_HOST_USER", ""))
EMAIL_HOST_PASSWORD = str(MAIL.get("EMAIL_HOST_PASSWORD", ""))
EMAIL_USE_SSL = bool(MAIL.get("EMAIL_USE_SSL"))
EMAIL_USE_TLS = bool(MAIL.get("EMAIL_USE_TLS"))
EMAIL_TIMEOUT = 10
EMAIL_FILE_PATH = MAIL.get("EMAIL_FILE_PATH")
EMAIL_BACKEND = "django.core.mail.backends.{}.EmailBackend".format(
    "smtp" if EMAIL_HOST else "filebased" if EMAIL_FILE_PATH else "console"
)
DEFAULT_FROM_EMAIL = env.sender(PUBLIC_URL)

PAGES_A_MINUTE = env.number("MUSTER_PAGES_A_MINUTE", 5, low=0, high=1000)  # by one method; more are a storm; 0: never
# Providers of channels; each is offered once its settings are there. The addresses are for compatible services.
TWILIO_URL = env.web_address("MUSTER_TWILIO_URL", "https://api.twilio.com")
TWILIO_ACCOUNT = env.text("MUSTER_TWILIO_ACCOUNT")
TWILIO_TOKEN = env.text("MUSTER_TWILIO_TOKEN")
TWILIO_SMS_FROM = env.text("MUSTER_TWILIO_SMS_FROM")
TWILIO_VOICE_FROM = env.text("MUSTER_TWILIO_VOICE_FROM")
SLACK_URL = env.web_address("MUSTER_SLACK_URL", "https://slack.com")
SLACK_BOT_TOKEN = env.text("MUSTER_SLACK_BOT_TOKEN")
SLACK_SIGNING_SECRET = env.text("MUSTER_SLACK_SIGNING_SECRET")
TELEGRAM_URL = env.web_address("MUSTER_TELEGRAM_URL", "https://api.telegram.org")
TELEGRAM_BOT_TOKEN = env.text("MUSTER_TELEGRAM_BOT_TOKEN")

API_PER_SECOND = env.number("MUSTER_API_PER_SECOND", 100, low=0, high=100_000)  # for each token; 0: no limit
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.HasVerb"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.throttle.PerToken"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.api.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.problem",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Muster",
    "DESCRIPTION": "Alert → page → war room → status page → postmortem → action items.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api_schema.tell_problems",
    ],
    "ENUM_NAME_OVERRIDES": {  # one word, several tables: each table's word gets a name of its own in the description
        "RoleEnum": "accounts.models.ROLE_CHOICES",
        "IncidentRoleEnum": "incidents.models.Role",
        "ComponentStateEnum": "statuspage.models.ComponentState",
        "AlertSourceKindEnum": "alerts.models.SourceKind",
        "PostmortemStateEnum": "postmortems.models.Postmortem.State",
        "ActionItemStateEnum": "postmortems.models.ActionItem.State",
        "ActionItemKindEnum": "postmortems.models.ActionItem.Kind",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"publishing": {"()": "core.logs.publishing"}},
    "formatters": {"line": {"()": "core.logs.Line"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["out"], "level": env.text("MUSTER_LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "django.server": {"handlers": ["out"], "propagate": False},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING", "filters": ["publishing"]},
        "psycopg.pool": {"level": "ERROR"},  # whoever wanted a connection says so
        "httpx2": {"level": "WARNING"},
        "httpcore2": {"level": "WARNING"},
    },
}
