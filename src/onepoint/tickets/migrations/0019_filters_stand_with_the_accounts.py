from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0018_index_of_owned_tickets"),
        ("accounts", "0009_filters_of_any_list"),
    ]
    operations = [
        migrations.DeleteModel(name="FirstFilter"),
        # The table has moved already, with its rows.
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="SavedFilter")]),
    ]
