import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('follow_ups', '0003_answers_to_customers'),
    ]

    operations = [
        migrations.AlterField(
            model_name='questionnaire',
            name='kinds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('enquiry', 'Enquiry'), ('suggestion', 'Suggestion'), ('complaint', 'Complaint'), ('repair', 'Repair'), ('installation', 'Installation'), ('purchase', 'Purchase'), ('report', 'Report'), ('praise', 'Praise'), ('requirement', 'Front-line requirement'), ('appeal', 'Appeal of a mark')], max_length=20), blank=True, default=list, size=None, verbose_name='Kinds of ticket'),
        ),
        migrations.AlterField(
            model_name='replyrule',
            name='kind',
            field=models.CharField(choices=[('enquiry', 'Enquiry'), ('suggestion', 'Suggestion'), ('complaint', 'Complaint'), ('repair', 'Repair'), ('installation', 'Installation'), ('purchase', 'Purchase'), ('report', 'Report'), ('praise', 'Praise'), ('requirement', 'Front-line requirement'), ('appeal', 'Appeal of a mark')], max_length=20, unique=True, verbose_name='Kind of ticket'),
        ),
    ]
