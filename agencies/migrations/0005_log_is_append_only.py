"""Who wrote it in which role, indexes for looking the log up, and the lock on it."""

from django.db import migrations, models

from agencies.log.locks import lock_log


class Migration(migrations.Migration):
    dependencies = [("agencies", "0004_access_codes")]

    operations = [
        migrations.AddField(
            model_name="change", name="role", field=models.CharField(blank=True, default="", max_length=120)
        ),
        migrations.AlterField(
            model_name="change",
            name="agency",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="agencies.agency"
            ),
        ),
        *(
            migrations.AddIndex(model_name="change", index=models.Index(fields=fields, name=name))
            for name, fields in (
                ("change_by_agency", ["agency", "sequence"]),
                ("change_by_action", ["action", "sequence"]),
                ("change_by_day", ["on", "sequence"]),
                ("change_by_moment", ["recorded_at", "sequence"]),
                ("change_by_request", ["request_id", "sequence"]),
            )
        ),
        # Going back leaves the lock where it is: what an older version does with the log, the lock allows.
        migrations.RunPython(lock_log, migrations.RunPython.noop),
    ]
