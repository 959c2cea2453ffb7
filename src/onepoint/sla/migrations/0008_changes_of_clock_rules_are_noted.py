from django.db import migrations

from onepoint.core.stamped import watch_tables


class Migration(migrations.Migration):
    """Processes keep the rules of clocks until one changes."""

    dependencies = [("sla", "0007_rules_for_steps"), ("core", "0006_reference_stamps")]

    operations = [watch_tables("clock_rules", "sla_clockpolicy")]
