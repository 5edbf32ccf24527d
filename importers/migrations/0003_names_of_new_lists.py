from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("importers", "0002_columns_as_chosen"),
    ]

    operations = [
        migrations.AddField(
            model_name="importjob",
            name="title",
            field=models.CharField(blank=True, max_length=200, verbose_name="新清单的名称"),
        ),
    ]
