"""Where attempts to sign in are counted: a cache in PostgreSQL, as `createcachetable` would make it."""

from django.db import migrations

FORWARD = """
CREATE TABLE accounts_attempts (
    cache_key varchar(255) NOT NULL PRIMARY KEY, value text NOT NULL, expires timestamp with time zone NOT NULL
);
CREATE INDEX accounts_attempts_expires ON accounts_attempts (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_audit_append_only")]
    operations = [migrations.RunSQL(FORWARD, "DROP TABLE accounts_attempts;")]
