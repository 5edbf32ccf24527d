"""Lists count from the day of issue, or from that of their first edition, which the change log knows."""

from django.db import migrations, models
from django.db.models import Min


def day_of_first_edition(apps, schema_editor):
    log = apps.get_model("agencies", "Change").objects.filter(kind="edition", action="edition.applied")
    editions_of = apps.get_model("reforms", "ListEdition").objects
    for reform_list in apps.get_model("reforms", "ReformList").objects.all():
        editions = list(editions_of.filter(reform_list=reform_list).values_list("pk", flat=True))
        reform_list.first_on = log.filter(object_id__in=editions).aggregate(first=Min("on"))["first"]
        reform_list.save(update_fields=["first_on"])


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0001_people_agencies_and_log"),
        ("reforms", "0011_names_of_past_states_and_reads"),
    ]

    operations = [
        migrations.AddField(
            model_name="reformlist",
            name="first_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="reformlist",
            name="issued_on",
            field=models.DateField(blank=True, null=True, verbose_name="印发日期"),
        ),
        migrations.RunPython(day_of_first_edition, migrations.RunPython.noop),
    ]
