from django.db import migrations

import onepoint.core.sealed_fields


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_changes_of_levels_and_attention_are_noted")]

    operations = [
        # varchar to text: PostgreSQL rewrites nothing
        migrations.AlterField(
            model_name="customer",
            name="id_number",
            field=onepoint.core.sealed_fields.SealedTextField(blank=True, verbose_name="ID number"),
        ),
    ]
