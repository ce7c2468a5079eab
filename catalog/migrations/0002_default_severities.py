"""SEV1 to SEV4, for every new installation."""

from django.db import migrations

from catalog.defaults import ensure_severities


def forward(apps, schema_editor):
    ensure_severities(apps.get_model("catalog", "Severity"))


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
