import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0007_city_districts'),
        ('channels', '0013_counter_and_scans'),
        ('tickets', '0015_likely_duplicates'),
        ('workflow', '0012_tasks_are_due'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE number_pd MAXVALUE 999999 CYCLE", "DROP SEQUENCE number_pd"),
        migrations.RunSQL("CREATE SEQUENCE number_zg MAXVALUE 999999 CYCLE", "DROP SEQUENCE number_zg"),
        migrations.CreateModel(
            name='Standard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(unique=True, verbose_name='Version')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in_force', 'In force'), ('retired', 'Replaced')], default='draft', max_length=10, verbose_name='State')),
                ('preamble', models.TextField(blank=True, verbose_name='Preamble')),
                ('preamble_en', models.TextField(blank=True, verbose_name='Preamble in English')),
                ('appeal_days', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)], verbose_name='Working days to appeal')),
                ('rectification_days', models.PositiveSmallIntegerField(default=5, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(120)], verbose_name='Working days to put right')),
                ('changes', models.CharField(blank=True, max_length=500, verbose_name='What is new')),
                ('made_at', models.DateTimeField(verbose_name='Made')),
                ('published_at', models.DateTimeField(null=True, verbose_name='Published')),
                ('retired_at', models.DateTimeField(null=True, verbose_name='Replaced')),
                ('lock_version', models.PositiveIntegerField(default=1)),
                ('made_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('published_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Published by')),
            ],
            options={
                'verbose_name': 'Standard of unqualified tickets',
                'verbose_name_plural': 'Standards of unqualified tickets',
                'ordering': ['-number'],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('state',), name='standard_one_draft'),
                    models.UniqueConstraint(condition=models.Q(('state', 'in_force')), fields=('state',), name='standard_one_in_force'),
                    models.CheckConstraint(condition=models.Q(('state', 'draft'), ('published_at__isnull', False), _connector='OR'), name='standard_published_some_time'),
                ],
            },
        ),
        migrations.CreateModel(
            name='UnqualifiedCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='Name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('code', models.CharField(max_length=20, verbose_name='Code')),
                ('direction', models.CharField(choices=[('front', 'Front office: record and routing'), ('back', 'Back office: handling and answer'), ('any', 'Both')], max_length=10, verbose_name='About')),
                ('points', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='Points')),
                ('is_fatal', models.BooleanField(default=False, verbose_name='Fatal')),
                ('examples', models.TextField(blank=True, verbose_name='Examples')),
                ('examples_en', models.TextField(blank=True, verbose_name='Examples in English')),
                ('position_order', models.PositiveSmallIntegerField(default=0, verbose_name='Order')),
                ('standard', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='quality.standard')),
            ],
            options={
                'verbose_name': 'Code of unqualified work',
                'verbose_name_plural': 'Codes of unqualified work',
                'ordering': ['position_order', 'code'],
                "constraints": [
                    models.UniqueConstraint(fields=('standard', 'code'), name='unqualified_code_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Mark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='Number')),
                ('key', models.CharField(editable=False, max_length=120, null=True, unique=True)),
                ('direction', models.CharField(choices=[('back_on_front', 'Back office on the record'), ('front_on_back', 'Front office on the answer'), ('inspection', 'Inspection')], max_length=15, verbose_name='Direction')),
                ('state', models.CharField(choices=[('standing', 'Standing'), ('appealed', 'Under appeal'), ('upheld', 'Upheld'), ('overturned', 'Overturned'), ('withdrawn', 'Withdrawn')], default='standing', max_length=12, verbose_name='State')),
                ('points', models.PositiveSmallIntegerField(verbose_name='Points')),
                ('is_fatal', models.BooleanField(default=False, verbose_name='Fatal')),
                ('words', models.CharField(blank=True, max_length=1000, verbose_name='What is wrong')),
                ('marked_at', models.DateTimeField(verbose_name='Marked')),
                ('appeal_due_at', models.DateTimeField(verbose_name='Appeal until')),
                ('is_final', models.BooleanField(default=False, verbose_name='Final')),
                ('settled_at', models.DateTimeField(null=True, verbose_name='Settled')),
                ('category', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tickets.category', verbose_name='Category')),
                ('contact', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='channels.contact', verbose_name='Contact')),
                ('marked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Marked by')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Whose work it is')),
                ('region', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.region', verbose_name='Region')),
                ('settled_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Settled by')),
                ('task', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow.usertask', verbose_name='Step')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='tickets.ticket', verbose_name='Ticket')),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit', verbose_name='Unit')),
                ('code', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='quality.unqualifiedcode', verbose_name='Code')),
            ],
            options={
                'verbose_name': 'Mark',
                'verbose_name_plural': 'Marks',
                "indexes": [
                    models.Index(fields=['-marked_at', '-id'], name='mark_newest'),
                    models.Index(fields=['person', '-marked_at', '-id'], name='mark_person_newest'),
                    models.Index(fields=['unit', '-marked_at', '-id'], name='mark_unit_newest'),
                    models.Index(fields=['region', '-marked_at', '-id'], name='mark_region_newest'),
                    models.Index(fields=['category', '-marked_at'], name='mark_category_newest'),
                    models.Index(fields=['marked_by', '-marked_at', '-id'], name='mark_marker_newest'),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(('state', 'withdrawn'), _negated=True), fields=('ticket', 'task', 'code', 'marked_by'), name='mark_once', nulls_distinct=False),
                    models.CheckConstraint(condition=models.Q(('person', models.F('marked_by')), _negated=True), name='mark_of_anothers_work'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(verbose_name='Reason')),
                ('filed_at', models.DateTimeField(verbose_name='Filed')),
                ('state', models.CharField(choices=[('running', 'Being re-judged'), ('upheld', 'Mark upheld'), ('overturned', 'Mark overturned'), ('dropped', 'Dropped')], default='running', max_length=12, verbose_name='State')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='Decided')),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Decided by')),
                ('filed_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Filed by')),
                ('ticket', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appeal', to='tickets.ticket', verbose_name='Ticket')),
                ('mark', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='appeal', to='quality.mark', verbose_name='Mark')),
            ],
            options={
                'verbose_name': 'Appeal',
                'verbose_name_plural': 'Appeals',
                'indexes': [models.Index(condition=models.Q(('state', 'running')), fields=['filed_at'], name='appeal_running')],
            },
        ),
        migrations.CreateModel(
            name='Rectification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='Number')),
                ('key', models.UUIDField(editable=False, unique=True)),
                ('title', models.CharField(max_length=200, verbose_name='What is to be put right')),
                ('words', models.TextField(blank=True, verbose_name='Details')),
                ('asked_at', models.DateTimeField(verbose_name='Asked')),
                ('due_at', models.DateTimeField(verbose_name='Due')),
                ('state', models.CharField(choices=[('asked', 'To be put right'), ('submitted', 'Proof to be looked at'), ('accepted', 'Accepted'), ('cancelled', 'Cancelled')], default='asked', max_length=12, verbose_name='State')),
                ('proof', models.TextField(blank=True, verbose_name='Proof')),
                ('submitted_at', models.DateTimeField(null=True, verbose_name='Handed in')),
                ('decision', models.CharField(blank=True, max_length=1000, verbose_name='Words of the decision')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='Decided')),
                ('rejected_count', models.PositiveSmallIntegerField(default=0, verbose_name='Times rejected')),
                ('asked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Asked by')),
                ('marks', models.ManyToManyField(related_name='rectifications', to='quality.mark', verbose_name='Marks')),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Responsible person')),
                ('region', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.region')),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit', verbose_name='Unit')),
            ],
            options={
                'verbose_name': 'Rectification',
                'verbose_name_plural': 'Rectifications',
                'indexes': [models.Index(fields=['-asked_at', '-id'], name='rectification_newest'), models.Index(fields=['unit', '-asked_at', '-id'], name='rectification_unit_newest'), models.Index(fields=['region', '-asked_at', '-id'], name='rectification_region_newest'), models.Index(condition=models.Q(('state', 'asked')), fields=['owner', 'due_at'], name='rectification_owed'), models.Index(condition=models.Q(('state', 'submitted')), fields=['asked_by', 'due_at'], name='rectification_to_judge')],
            },
        ),
    ]
