"""Incident numbers come from a sequence: two people who declare at once never wait for one another."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE incidents_number", "DROP SEQUENCE incidents_number"),
    ]
