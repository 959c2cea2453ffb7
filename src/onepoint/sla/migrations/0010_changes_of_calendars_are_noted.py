"""Which calendar a place works by is kept, too, until calendars change."""

from django.db import migrations

from onepoint.core.stamped import watch_tables


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0009_reasons_of_erased_customers"),
        ("core", "0006_reference_stamps"),
    ]
    operations = [watch_tables("calendars", "sla_calendarstamp")]
