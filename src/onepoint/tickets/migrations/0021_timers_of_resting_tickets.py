from django.db import migrations

#: Tickets that are on hold already: their processes rest from now on, as those of tickets put on hold later do.
REST = """
UPDATE workflow_processinstance one SET rests_since = statement_timestamp()
FROM tickets_ticket ticket
WHERE ticket.process_instance_id = one.id AND ticket.status = 'on_hold' AND one.ended_at IS NULL;
UPDATE workflow_timer timer SET status = 'frozen', remaining = timer.due_at - statement_timestamp()
FROM workflow_processinstance one JOIN workflow_processinstance outermost ON outermost.id = coalesce(one.root_id, one.id)
WHERE timer.instance_id = one.id AND outermost.rests_since IS NOT NULL AND timer.status = 'waiting'
    AND (timer.kind = 'duration' OR timer.kind = 'cycle' AND timer.value ~ '^R[0-9]*/P');
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0020_lists_by_index_alone"), ("workflow", "0013_processes_rest")]
    operations = [migrations.RunSQL(REST, migrations.RunSQL.noop)]
