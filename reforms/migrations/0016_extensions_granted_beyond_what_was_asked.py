from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0007_newest_one_time_link_only"),
        ("reforms", "0015_lists_keep_their_columns"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="extension",
            name="extension_is_later",
        ),
        migrations.AddConstraint(
            model_name="extension",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "granted"), ("proposed__gt", models.F("former")), _connector="OR"),
                name="extension_is_later",
                violation_error_message="申请延期的日期必须晚于现行时限。",
            ),
        ),
    ]
