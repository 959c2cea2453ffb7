from django.db import migrations

# What was said is never changed, but for values of a customer who has a right to be erased.
GUARD = """
CREATE OR REPLACE FUNCTION channels_chat_messages_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('onepoint.erases_personal_data', true) = 'yes'
        AND to_jsonb(NEW) - '{text,author_name}'::text[] = to_jsonb(OLD) - '{text,author_name}'::text[]
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was said in a chat is never changed';
END $$;
"""
UNGUARD = """
CREATE OR REPLACE FUNCTION channels_chat_messages_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was said in a chat is never changed';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("channels", "0017_mails_of_scans")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
