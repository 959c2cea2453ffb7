from django.db import migrations

GUARD = """
CREATE FUNCTION notifications_message_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('onepoint.removes_old_messages', true) = 'yes' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a message is never changed';
END $$;
CREATE TRIGGER message_stays BEFORE UPDATE OR DELETE ON notifications_message
    FOR EACH ROW EXECUTE FUNCTION notifications_message_stays();
"""
UNGUARD = "DROP TRIGGER message_stays ON notifications_message; DROP FUNCTION notifications_message_stays();"


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_conversations")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
