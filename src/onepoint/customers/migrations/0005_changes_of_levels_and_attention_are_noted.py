from django.db import migrations

from onepoint.core.stamped import watch_tables


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0004_statistics_of_keys"),
        ("core", "0006_reference_stamps"),
    ]
    operations = [
        watch_tables("access", "customers_customerlevel"),
        watch_tables("terms", "customers_customerlevel"),
        watch_tables("attention", "customers_attentionentry"),
    ]
