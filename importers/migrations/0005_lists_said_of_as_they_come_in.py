from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("importers", "0004_work_on_editions"),
    ]

    operations = [
        migrations.AddField(
            model_name="importjob",
            name="about",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
