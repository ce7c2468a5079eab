import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0004_search_titles_by_capitals'),
    ]

    operations = [
        migrations.AddField(
            model_name='alertsource',
            name='unreadable_told_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='payload',
            name='unreadable',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name='payload',
            name='unreadable_count',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='payload',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Read'), ('in_part', 'Read in part'), ('unreadable', 'Unreadable')], default='waiting', max_length=10),
        ),
        migrations.AddIndex(
            model_name='payload',
            index=models.Index(condition=models.Q(('state', 'in_part')), fields=['source', '-id'], name='payload_in_part'),
        ),
    ]
