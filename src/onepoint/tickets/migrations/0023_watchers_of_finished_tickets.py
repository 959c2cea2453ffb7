from django.db import migrations

PORTION = 5000

#: The tickets are locked, so that none is opened again between being read and its watchers being marked.
MARK = """
WITH over AS (
    SELECT watcher.id FROM tickets_watcher watcher JOIN tickets_ticket ticket ON ticket.id = watcher.ticket_id
    WHERE watcher.id > %s AND watcher.id <= %s AND watcher.is_alive
        AND ticket.status IN ('closed', 'aborted', 'withdrawn', 'merged')
    FOR SHARE OF ticket
)
UPDATE tickets_watcher SET is_alive = FALSE WHERE id IN (SELECT id FROM over)
"""


def mark(apps, schema_editor):
    """Watchers from before the triggers, a portion a transaction."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM tickets_watcher")
        ((last,),) = cursor.fetchall()
        for start in range(0, last, PORTION):
            cursor.execute(MARK, [start, start + PORTION])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0022_watchers_know_what_is_alive")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
