from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0001_portal'),
    ]

    operations = [
        migrations.AlterField(
            model_name='filing',
            name='kind',
            field=models.CharField(choices=[('enquiry', 'Enquiry'), ('suggestion', 'Suggestion'), ('complaint', 'Complaint'), ('repair', 'Repair'), ('installation', 'Installation'), ('purchase', 'Purchase'), ('report', 'Report'), ('praise', 'Praise'), ('requirement', 'Front-line requirement'), ('appeal', 'Appeal of a mark')], max_length=20),
        ),
    ]
