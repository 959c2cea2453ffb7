
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import onepoint.core.sealed_fields


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0007_seal_id_numbers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='customer',
            name='erased_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='Erased'),
        ),
        migrations.AddField(
            model_name='customer',
            name='legal_hold',
            field=models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='Legal hold'),
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('asked', 'Waits for a second person'), ('running', 'Being erased'), ('done', 'Erased'), ('refused', 'Not erased')], default='asked', max_length=10, verbose_name='State')),
                ('reason', models.CharField(max_length=300, verbose_name='Reason')),
                ('asked_at', models.DateTimeField(verbose_name='Asked for')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='Decided')),
                ('known', onepoint.core.sealed_fields.SealedTextField(blank=True, default='')),
                ('step', models.CharField(blank=True, default='', max_length=60)),
                ('last_id', models.BigIntegerField(default=0)),
                ('is_proving', models.BooleanField(default=False)),
                ('looked_at', models.PositiveBigIntegerField(default=0, verbose_name='Rows looked at')),
                ('changed', models.PositiveBigIntegerField(default=0, verbose_name='Rows changed')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='Finished')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Asked for by')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='erasures', to='customers.customer', verbose_name='Customer')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Decided by')),
            ],
            options={
                'verbose_name': 'Erasure of a customer',
                'verbose_name_plural': 'Erasures of customers',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['asked', 'running', 'done'])), fields=('customer',), name='customer_erased_once')],
            },
        ),
    ]
