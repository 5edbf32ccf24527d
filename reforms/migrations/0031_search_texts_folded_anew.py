from django.db import migrations

from reforms.search.text import mend, wrong_texts


def fold_anew(apps, schema_editor):
    """Punctuation does not matter any more: what is kept to be searched is made anew from what is printed."""
    measures = apps.get_model("reforms", "Measure").objects.using(schema_editor.connection.alias)
    assignments = apps.get_model("reforms", "Assignment").objects.using(schema_editor.connection.alias)
    mend(wrong_texts(measures.only("title", "text", "search_text", "item"), assignments=assignments))


class Migration(migrations.Migration):
    dependencies = [("reforms", "0030_group_messages")]

    operations = [migrations.RunPython(fold_anew, migrations.RunPython.noop)]
