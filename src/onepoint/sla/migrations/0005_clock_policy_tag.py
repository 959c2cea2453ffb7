from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sla", "0004_held_moments")]

    operations = [
        migrations.AddField(
            model_name="clockpolicy",
            name="tag",
            field=models.CharField(blank=True, max_length=40, verbose_name="Tag"),
        ),
    ]
