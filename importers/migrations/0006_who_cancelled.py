from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("importers", "0005_lists_said_of_as_they_come_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="importjob",
            name="cancelled_by",
            field=models.CharField(blank=True, max_length=120, verbose_name="取消人"),
        ),
    ]
