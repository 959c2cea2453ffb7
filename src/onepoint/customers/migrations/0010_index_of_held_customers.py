from django.db import migrations, models

from onepoint.core.index_building import BuildIndex


class Migration(migrations.Migration):
    atomic = False  # the table may be large, and people go on working
    dependencies = [("customers", "0009_retention")]

    operations = [
        BuildIndex(
            model_name="customer",
            index=models.Index(
                fields=["id"], name="customer_held", condition=models.Q(("legal_hold", ""), _negated=True)
            ),
        ),
    ]
