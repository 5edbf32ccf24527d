from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0007_newest_one_time_link_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("checked_at", models.DateTimeField()),
                ("sequence", models.BigIntegerField()),
                ("heads", models.PositiveIntegerField()),
                ("faults", models.JSONField(blank=True, default=list)),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
    ]
