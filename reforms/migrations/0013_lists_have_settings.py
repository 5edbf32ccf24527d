"""What a list is called, whom it is open to, and when it was archived. Lists that are there stay open to everybody."""

from django.db import migrations, models


def stay_public(apps, _schema_editor):
    apps.get_model("reforms", "ReformList").objects.update(open_to="public")


class Migration(migrations.Migration):
    dependencies = [
        ("reforms", "0012_lists_count_from_a_day"),
    ]

    operations = [
        migrations.AddField(
            model_name="reformlist",
            name="archived_on",
            field=models.DateField(blank=True, null=True, verbose_name="归档日期"),
        ),
        migrations.AddField(
            model_name="reformlist",
            name="document_number",
            field=models.CharField(blank=True, max_length=60, verbose_name="文号"),
        ),
        migrations.AddField(
            model_name="reformlist",
            name="issuer",
            field=models.CharField(blank=True, max_length=120, verbose_name="印发机关"),
        ),
        migrations.AddField(
            model_name="reformlist",
            name="licence",
            field=models.CharField(blank=True, max_length=120, verbose_name="使用许可"),
        ),
        migrations.AddField(
            model_name="reformlist",
            name="link",
            field=models.URLField(blank=True, max_length=500, verbose_name="原文链接"),
        ),
        migrations.AddField(
            model_name="reformlist",
            name="open_to",
            field=models.CharField(
                choices=[("office", "督办部门和管理员"), ("agencies", "各单位（须登录）"), ("public", "所有人")],
                default="office",
                max_length=8,
                verbose_name="谁可以看",
            ),
        ),
        migrations.AddField(
            model_name="reformlist",
            name="public_from",
            field=models.DateField(blank=True, null=True, verbose_name="对外公开自"),
        ),
        migrations.AddField(
            model_name="reformlist",
            name="public_until",
            field=models.DateField(blank=True, null=True, verbose_name="对外公开至"),
        ),
        migrations.RunPython(stay_public, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="reformlist",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("public_from", None),
                    ("public_until", None),
                    ("public_from__lte", models.F("public_until")),
                    _connector="OR",
                ),
                name="public_days_in_order",
                violation_error_message="公开的最后一天不能早于第一天。",
            ),
        ),
    ]
