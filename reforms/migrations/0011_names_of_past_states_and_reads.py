"""PastStanding is PastState, and Sighting is NoticeRead; their tables keep their names."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reforms", "0010_idempotent_requests")]

    operations = [
        migrations.AlterModelTable("PastStanding", "reforms_paststanding"),
        migrations.RenameModel("PastStanding", "PastState"),
        migrations.AlterModelTable("Sighting", "reforms_sighting"),
        migrations.RenameModel("Sighting", "NoticeRead"),
    ]
