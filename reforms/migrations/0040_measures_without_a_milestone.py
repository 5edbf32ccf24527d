from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reforms", "0039_milestones_that_lists_print")]

    operations = [migrations.RemoveField(model_name="measure", name="milestone")]
