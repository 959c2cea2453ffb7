import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0016_index_of_closed_tickets'),
    ]

    operations = [
        migrations.AlterField(
            model_name='category',
            name='kinds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('enquiry', 'Enquiry'), ('suggestion', 'Suggestion'), ('complaint', 'Complaint'), ('repair', 'Repair'), ('installation', 'Installation'), ('purchase', 'Purchase'), ('report', 'Report'), ('praise', 'Praise'), ('requirement', 'Front-line requirement'), ('appeal', 'Appeal of a mark')], max_length=20), blank=True, default=list, size=None, verbose_name='Kinds of ticket'),
        ),
        migrations.AlterField(
            model_name='ticket',
            name='kind',
            field=models.CharField(choices=[('enquiry', 'Enquiry'), ('suggestion', 'Suggestion'), ('complaint', 'Complaint'), ('repair', 'Repair'), ('installation', 'Installation'), ('purchase', 'Purchase'), ('report', 'Report'), ('praise', 'Praise'), ('requirement', 'Front-line requirement'), ('appeal', 'Appeal of a mark')], max_length=20, verbose_name='Kind'),
        ),
        migrations.AlterField(
            model_name='ticketschedule',
            name='kind',
            field=models.CharField(choices=[('enquiry', 'Enquiry'), ('suggestion', 'Suggestion'), ('complaint', 'Complaint'), ('repair', 'Repair'), ('installation', 'Installation'), ('purchase', 'Purchase'), ('report', 'Report'), ('praise', 'Praise'), ('requirement', 'Front-line requirement'), ('appeal', 'Appeal of a mark')], max_length=20, verbose_name='Kind'),
        ),
    ]
