import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def person() -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
    )


# See core's 0004: the kernel's functions need not carry the one thing that is the same for all rows of a command.
DEFAULT = """
ALTER TABLE workflow_opinion ALTER COLUMN on_behalf_of_id
    SET DEFAULT NULLIF(current_setting('onepoint.on_behalf_of', true), '')::bigint;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0004_process_drafts"),
        ("core", "0004_audit_on_behalf_of"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField("opinion", "on_behalf_of", person()),
        migrations.AddField("usertask", "on_behalf_of", person()),
        migrations.RunSQL(DEFAULT, "ALTER TABLE workflow_opinion ALTER COLUMN on_behalf_of_id DROP DEFAULT;"),
    ]
