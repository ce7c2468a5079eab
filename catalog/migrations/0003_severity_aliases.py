"""What else a severity is called: P0–P3 and P1–P4 are understood."""

import django.contrib.postgres.fields
from django.db import migrations, models

from catalog.defaults import SEVERITIES


def forward(apps, schema_editor):
    severity = apps.get_model("catalog", "Severity")
    for row in SEVERITIES:
        severity.objects.filter(code=row["code"], aliases=[]).update(aliases=row["aliases"])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_default_severities")]
    operations = [
        migrations.AddField(
            model_name="severity",
            name="aliases",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20),
                blank=True,
                default=list,
                size=None,
                verbose_name="also known as",
            ),
        ),
        migrations.RunPython(forward, migrations.RunPython.noop),
    ]
