from django.db import migrations

from onepoint.core.stamped import watch_tables


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0008_copies_among_the_watched"),
        ("accounts", "0006_changes_of_rights_are_noted"),
        ("core", "0006_reference_stamps"),
    ]
    operations = [
        watch_tables("terms", "tickets_severity", "tickets_category", "tickets_tag", "accounts_region"),
        watch_tables(
            "lists",
            "tickets_savedfilter",
            "tickets_savedfilter_units",
            "tickets_savedfilter_roles",
            "tickets_savedfilter_people",
            "tickets_firstfilter",
        ),
    ]
