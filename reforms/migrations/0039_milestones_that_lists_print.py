from django.db import migrations
from django.utils import timezone


def keep_printed(apps, _schema_editor):
    """The first of several printed dates was a column of the measure."""
    measures = apps.get_model("reforms", "Measure").objects.exclude(milestone=None)
    milestones = apps.get_model("reforms", "Milestone").objects
    rows = measures.values_list("pk", "milestone", "deadline_text", "edition__imported_at")
    for pk, day, text, imported_at in rows.iterator(chunk_size=1000):
        title = " ".join(text.split())[:120] or day.isoformat()
        milestones.create(
            measure_id=pk,
            source="printed",
            title=title,
            due_on=day,
            planned_on=timezone.localdate(imported_at),
            version=1,
        )


class Migration(migrations.Migration):
    dependencies = [("reforms", "0038_milestones")]

    operations = [migrations.RunPython(keep_printed, migrations.RunPython.noop)]
