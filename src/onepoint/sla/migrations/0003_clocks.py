import datetime

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What a clock went through is never written again: everything it shows is computed from it.
GUARD = """
CREATE FUNCTION sla_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER clock_segment_is_append_only BEFORE UPDATE OR DELETE ON sla_clocksegment
    FOR EACH ROW EXECUTE FUNCTION sla_refuse_change();
"""
UNGUARD = """
DROP TRIGGER clock_segment_is_append_only ON sla_clocksegment;
DROP FUNCTION sla_refuse_change();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_business_lines_and_levels'),
        ('sla', '0002_calendars'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClockPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='Name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('kind', models.CharField(choices=[('statutory', 'Statutory limit'), ('total', 'Whole case'), ('first_response', 'First response'), ('promise', 'Promise to the customer'), ('stage', 'Stage'), ('step', 'Step')], max_length=20, verbose_name='Clock')),
                ('stage', models.CharField(blank=True, max_length=40, verbose_name='Stage')),
                ('subject_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None, verbose_name='Kinds')),
                ('category', models.CharField(blank=True, max_length=40, verbose_name='Category')),
                ('severities', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None, verbose_name='Severities')),
                ('levels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None, verbose_name='Customer levels')),
                ('channels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None, verbose_name='Channels')),
                ('business', models.CharField(blank=True, max_length=40, verbose_name='Business line')),
                ('area', models.CharField(blank=True, choices=[('urban', 'Urban'), ('rural', 'Rural')], max_length=10, verbose_name='Urban or rural')),
                ('limit', models.DurationField(verbose_name='Limit')),
                ('in_working_time', models.BooleanField(default=True, help_text='Otherwise by the clock, nights and holidays included.', verbose_name='In working time')),
                ('warnings', models.CharField(blank=True, max_length=120, verbose_name='Warnings')),
                ('pauses_on_hold', models.BooleanField(default=True, verbose_name='Stands still while on hold')),
                ('pauses_on_waiting', models.BooleanField(default=True, verbose_name='Stands still while the customer is waited for')),
                ('after_reopening', models.CharField(choices=[('continue', 'counts on'), ('restart', 'begins anew'), ('new_limit', 'begins anew with another limit'), ('stay', 'stays settled')], default='continue', max_length=10, verbose_name='After reopening')),
                ('reopened_limit', models.DurationField(blank=True, null=True, verbose_name='Limit after reopening')),
                ('source', models.CharField(blank=True, help_text='Law, standard or contract.', max_length=200, verbose_name='Source')),
                ('preset', models.CharField(blank=True, editable=False, max_length=40)),
                ('is_active', models.BooleanField(default=True, verbose_name='In use')),
                ('version', models.PositiveIntegerField(default=1)),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.region', verbose_name='Region')),
            ],
            options={
                'verbose_name': 'Rule for limits',
                'verbose_name_plural': 'Rules for limits',
                'ordering': ['kind', 'pk'],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(('preset', ''), _negated=True), fields=('preset',), name='clock_policy_preset_once'),
                    models.CheckConstraint(condition=models.Q(('limit__gt', datetime.timedelta(0))), name='clock_policy_has_limit'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Clock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='Name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('subject_type', models.CharField(max_length=40)),
                ('subject_id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('statutory', 'Statutory limit'), ('total', 'Whole case'), ('first_response', 'First response'), ('promise', 'Promise to the customer'), ('stage', 'Stage'), ('step', 'Step')], max_length=20, verbose_name='Clock')),
                ('stage', models.CharField(blank=True, db_default='', default='', max_length=40)),
                ('state', models.CharField(choices=[('running', 'Running'), ('paused', 'Paused'), ('settled', 'Settled'), ('cancelled', 'Cancelled')], db_default='running', default='running', max_length=10, verbose_name='State')),
                ('limit', models.DurationField(verbose_name='Limit')),
                ('in_working_time', models.BooleanField(default=False)),
                ('facts', models.JSONField(db_default={}, default=dict)),
                ('warnings', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), db_default=[], default=list, size=None)),
                ('pauses_on_hold', models.BooleanField(db_default=True, default=True)),
                ('pauses_on_waiting', models.BooleanField(db_default=True, default=True)),
                ('after_reopening', models.CharField(db_default='continue', default='continue', max_length=10)),
                ('reopened_limit', models.DurationField(null=True)),
                ('started_at', models.DateTimeField(verbose_name='Started')),
                ('warn_at', models.DateTimeField(null=True, verbose_name='At risk from')),
                ('due_at', models.DateTimeField(null=True, verbose_name='Due')),
                ('warned_count', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('breached_at', models.DateTimeField(null=True, verbose_name='Breached')),
                ('settled_at', models.DateTimeField(null=True, verbose_name='Settled')),
                ('revision', models.PositiveIntegerField(db_default=1, default=1)),
                ('calendar', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sla.businesscalendar')),
                ('region', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.region')),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit')),
                ('policy', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='sla.clockpolicy')),
            ],
            options={
                'verbose_name': 'Clock',
                'verbose_name_plural': 'Clocks',
                "indexes": [
                    models.Index(fields=['subject_type', 'subject_id'], name='clock_of_subject'),
                    models.Index(condition=models.Q(('state__in', ['running', 'paused'])), fields=['calendar'], name='clock_open_by_calendar'),
                    models.Index(condition=models.Q(('state__in', ['running', 'paused'])), fields=['id'], name='clock_open'),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'paused'), _negated=True), ('due_at', None), _connector='OR'), name='clock_paused_not_due'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ClockSegment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('running', 'Running'), ('paused', 'Paused'), ('settled', 'Settled'), ('cancelled', 'Cancelled')], max_length=10)),
                ('what', models.CharField(max_length=20)),
                ('reason', models.CharField(blank=True, db_default='', default='', max_length=300)),
                ('from_at', models.DateTimeField()),
                ('limit', models.DurationField()),
                ('carried', models.DurationField(null=True)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('calendar', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sla.businesscalendar')),
                ('clock', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='segments', to='sla.clock')),
            ],
            options={
                'verbose_name': 'Segment of a clock',
                'ordering': ['clock', 'number'],
                "constraints": [
                    models.UniqueConstraint(fields=('clock', 'number'), name='clock_segment_once'),
                ],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
