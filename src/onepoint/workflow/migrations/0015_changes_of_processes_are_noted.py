"""Web processes keep which version of a process new instances begin with, until versions change."""

from django.db import migrations

from onepoint.core.stamped import watch_tables


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0014_opinions_of_erased_customers"),
        ("core", "0006_reference_stamps"),
    ]
    operations = [watch_tables("processes", "workflow_processdefinition", "workflow_processversion")]
