import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('quality', '0003_scorecards_and_inspections'),
    ]

    operations = [
        migrations.AlterField(
            model_name='samplingplan',
            name='kinds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('enquiry', 'Enquiry'), ('suggestion', 'Suggestion'), ('complaint', 'Complaint'), ('repair', 'Repair'), ('installation', 'Installation'), ('purchase', 'Purchase'), ('report', 'Report'), ('praise', 'Praise'), ('requirement', 'Front-line requirement'), ('appeal', 'Appeal of a mark')], max_length=20), default=list, size=None, verbose_name='Kinds of ticket'),
        ),
    ]
