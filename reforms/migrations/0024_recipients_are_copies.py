from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("reforms", "0023_copies_and_sweeps"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="delivery",
            name="recipients",
        ),
        migrations.RemoveField(
            model_name="delivery",
            name="refused",
        ),
    ]
