import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_city_districts'),
        ('quality', '0001_standard_and_marks'),
        ('tickets', '0015_likely_duplicates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE number_yh MAXVALUE 999999 CYCLE", "DROP SEQUENCE number_yh"),
        migrations.CreateModel(
            name='HiddenRisk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='Number')),
                ('request_key', models.UUIDField(editable=False, unique=True)),
                ('kind', models.CharField(choices=[('network', 'Network and equipment'), ('product', 'Product or tariff'), ('process', 'Process or rules'), ('service', 'Service and conduct'), ('billing', 'Billing'), ('security', 'Personal data and security'), ('safety', 'Safety of people'), ('other', 'Something else')], max_length=12, verbose_name='Kind')),
                ('title', models.CharField(max_length=200, verbose_name='In one line')),
                ('words', models.TextField(verbose_name='What was found')),
                ('place', models.CharField(blank=True, max_length=200, verbose_name='Place')),
                ('product', models.CharField(blank=True, max_length=200, verbose_name='Product or equipment')),
                ('raised_at', models.DateTimeField(verbose_name='Raised')),
                ('state', models.CharField(choices=[('raised', 'Raised'), ('accepted', 'Accepted'), ('removing', 'Being removed'), ('removed', 'Removed, to be verified'), ('closed', 'Verified and closed'), ('refused', 'Refused')], default='raised', max_length=10, verbose_name='State')),
                ('due_at', models.DateTimeField(null=True, verbose_name='Due')),
                ('accepted_at', models.DateTimeField(null=True, verbose_name='Accepted')),
                ('removed_at', models.DateTimeField(null=True, verbose_name='Removed')),
                ('removal', models.TextField(blank=True, verbose_name='How it was removed')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='Closed')),
                ('verdict', models.CharField(blank=True, max_length=1000, verbose_name='Last word')),
                ('audience', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('version', models.PositiveIntegerField(default=1)),
                ('category', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tickets.category', verbose_name='Category')),
                ('owner', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Responsible person')),
                ('owner_unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit', verbose_name='Removed by unit')),
                ('raised_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Raised by')),
                ('raised_unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit', verbose_name='Raised in')),
                ('region', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.region', verbose_name='Region')),
                ('removed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hidden_risks', to='tickets.ticket', verbose_name='Found at ticket')),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit', verbose_name='Unit concerned')),
            ],
            options={
                'verbose_name': 'Hidden risk',
                'verbose_name_plural': 'Hidden risks',
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=['audience'], name='hidden_risk_audience'),
                    models.Index(fields=['-raised_at', '-id'], name='hidden_risk_newest'),
                    models.Index(fields=['raised_by', '-raised_at'], name='hidden_risk_raiser'),
                    models.Index(condition=models.Q(('state__in', ['accepted', 'removing'])), fields=['due_at'], name='hidden_risk_due'),
                    models.Index(condition=models.Q(('state__in', ['raised', 'accepted', 'removing', 'removed'])), fields=['owner', 'due_at'], name='hidden_risk_owner'),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['accepted', 'removing']), _negated=True), models.Q(('due_at__isnull', False), ('owner_unit__isnull', False)), _connector='OR'), name='hidden_risk_accepted_by_somebody'),
                ],
            },
        ),
    ]
