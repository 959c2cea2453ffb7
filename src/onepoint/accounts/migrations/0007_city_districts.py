from django.db import migrations, models


def tell_districts_from_counties(apps, schema_editor):
    """Until now a district of a city was kept as a county; limits differ between town and country."""
    regions = apps.get_model("accounts", "Region").objects.using(schema_editor.connection.alias)
    regions.filter(kind="county", name__endswith="区").update(kind="district")


def call_districts_counties(apps, schema_editor):
    regions = apps.get_model("accounts", "Region").objects.using(schema_editor.connection.alias)
    regions.filter(kind="district").update(kind="county")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_changes_of_rights_are_noted")]
    operations = [
        migrations.AlterField(
            model_name="region",
            name="kind",
            field=models.CharField(
                choices=[
                    ("country", "Country"),
                    ("province", "Province or state"),
                    ("city", "City"),
                    ("district", "City district"),
                    ("county", "County"),
                    ("area", "Area"),
                ],
                default="city",
                max_length=20,
                verbose_name="Kind",
            ),
        ),
        migrations.RunPython(tell_districts_from_counties, call_districts_counties),
    ]
