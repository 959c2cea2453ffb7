
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0016_bundles_among_exports'),
    ]

    operations = [
        migrations.CreateModel(
            name='WithheldSubject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=40)),
                ('subject_id', models.BigIntegerField()),
                ('until', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'Withheld details of the journal',
                'constraints': [models.UniqueConstraint(fields=('subject_type', 'subject_id'), name='withheld_once')],
            },
        ),
    ]
