from django.db import migrations, models

FINISHED = "('closed', 'aborted', 'withdrawn', 'merged')"

#: A watcher knows whether its ticket is alive, however the ticket came to be closed or opened again.
FOLLOW = f"""
CREATE FUNCTION tickets_watchers_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tickets_watcher SET is_alive = new.status NOT IN {FINISHED} WHERE ticket_id = new.id;
    RETURN NULL;
END $$;
CREATE TRIGGER watchers_follow AFTER UPDATE OF status ON tickets_ticket FOR EACH ROW
WHEN ((old.status IN {FINISHED}) <> (new.status IN {FINISHED})) EXECUTE FUNCTION tickets_watchers_follow();

CREATE FUNCTION tickets_watcher_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT status NOT IN {FINISHED} INTO STRICT new.is_alive FROM tickets_ticket WHERE id = new.ticket_id FOR SHARE;
    RETURN new;
END $$;
CREATE TRIGGER watcher_begins BEFORE INSERT ON tickets_watcher FOR EACH ROW EXECUTE FUNCTION tickets_watcher_begins();
"""
FORGET = """
DROP TRIGGER watchers_follow ON tickets_ticket;
DROP TRIGGER watcher_begins ON tickets_watcher;
DROP FUNCTION tickets_watchers_follow(), tickets_watcher_begins();
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0021_timers_of_resting_tickets")]
    operations = [
        migrations.AddField("watcher", "is_alive", models.BooleanField(db_default=True, default=True, editable=False)),
        migrations.RunSQL(FOLLOW, FORGET),
    ]
