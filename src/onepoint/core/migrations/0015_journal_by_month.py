"""The journal becomes a table partitioned by month; the rows it has stay where they are.

A house with a long journal waits for nothing but an instant at the end: the index of the new primary key is built and the
border is proved beside the writes; then the old table is renamed and attached, which reads no row. Killed in between, the
migration begins again with what is there already.
"""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import OperationalError, migrations, transaction
from django.utils import timezone

INDEX = "CREATE UNIQUE INDEX CONCURRENTLY core_auditentry_earlier_pkey ON core_auditentry (id, at)"
BORDER = "ALTER TABLE core_auditentry ADD CONSTRAINT journal_border CHECK (at < '{border}') NOT VALID"

# Names of indexes are unique in a schema: those of the old table give theirs to the new one.
SWAP = """
SET LOCAL lock_timeout = '500ms';
LOCK TABLE core_auditentry IN ACCESS EXCLUSIVE MODE;
DROP TRIGGER audit_is_append_only ON core_auditentry;
DROP FUNCTION audit_entry_digest(core_auditentry);
ALTER TABLE core_auditentry RENAME TO core_auditentry_earlier;
ALTER INDEX audit_subject RENAME TO core_auditentry_earlier_subject;
ALTER INDEX audit_actor RENAME TO core_auditentry_earlier_actor;
ALTER INDEX audit_at RENAME TO core_auditentry_earlier_at;
ALTER INDEX audit_verb RENAME TO core_auditentry_earlier_verb;
ALTER TABLE core_auditentry_earlier DROP CONSTRAINT core_auditentry_pkey;
ALTER TABLE core_auditentry_earlier ADD {primary_key};

CREATE TEMPORARY TABLE journal_number ON COMMIT DROP AS SELECT last_value, is_called FROM core_auditentry_id_seq;
ALTER TABLE core_auditentry_earlier ALTER COLUMN id DROP IDENTITY;
CREATE SEQUENCE core_auditentry_id_seq AS bigint;
SELECT setval('core_auditentry_id_seq', last_value, is_called) FROM journal_number;

CREATE TABLE core_auditentry (LIKE core_auditentry_earlier INCLUDING DEFAULTS) PARTITION BY RANGE (at);
ALTER TABLE core_auditentry ALTER COLUMN id SET DEFAULT nextval('core_auditentry_id_seq');
ALTER SEQUENCE core_auditentry_id_seq OWNED BY core_auditentry.id;
ALTER TABLE core_auditentry ADD CONSTRAINT core_auditentry_pkey PRIMARY KEY (id, at);
CREATE INDEX audit_subject ON core_auditentry (subject_type, subject_id, id);
CREATE INDEX audit_actor ON core_auditentry (actor_id, id DESC);
CREATE INDEX audit_at ON core_auditentry USING brin (at);
CREATE INDEX audit_verb ON core_auditentry (verb);
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();

ALTER TABLE core_auditentry ATTACH PARTITION core_auditentry_earlier FOR VALUES FROM (MINVALUE) TO ('{border}');
ALTER TABLE core_auditentry_earlier DROP CONSTRAINT IF EXISTS journal_border;
{months}
CREATE TABLE core_auditentry_later PARTITION OF core_auditentry FOR VALUES FROM ('{end}') TO (MAXVALUE);

CREATE FUNCTION audit_entry_digest(entry core_auditentry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        entry.id, extract(epoch FROM entry.at), entry.actor_id, entry.actor_name, entry.on_behalf_of_id, entry.verb,
        entry.subject_type, entry.subject_id, entry.data, host(entry.ip_address)
    )::text, 'UTF8'))
$$;

DO $$
DECLARE given record;
BEGIN
    FOR given IN
        SELECT CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END AS grantee,
            acl.privilege_type, acl.is_grantable
        FROM pg_class, aclexplode(relacl) acl
        WHERE oid = 'core_auditentry_earlier'::regclass AND acl.grantee <> relowner
    LOOP
        EXECUTE format('GRANT %s ON core_auditentry TO %s', given.privilege_type, given.grantee)
            || CASE WHEN given.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END;
        IF given.privilege_type = 'INSERT' THEN  -- the number's sequence is not part of the column any more
            EXECUTE format('GRANT USAGE ON SEQUENCE core_auditentry_id_seq TO %s', given.grantee);
        END IF;
    END LOOP;
END
$$;
"""
TRIES = 60
MONTH = "CREATE TABLE core_auditentry_{name} PARTITION OF core_auditentry FOR VALUES FROM ('{since}') TO ('{until}');"


def next_month(moment: datetime) -> datetime:
    """The beginning of the month after, in the house's time zone."""
    local = moment.astimezone(ZoneInfo(settings.TIME_ZONE))
    return (local.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1)


def this_month(moment: datetime) -> datetime:
    local = moment.astimezone(ZoneInfo(settings.TIME_ZONE))
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def partition(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        # A transaction that has changed the journal and not ended yet is waited for by what follows.
        cursor.execute("SELECT max(at) FROM core_auditentry")
        (newest,) = cursor.fetchone()
    if newest is None:
        _partition_empty(connection)
    else:
        _partition_full(connection, newest)


def _partition_empty(connection):
    now = timezone.now()
    since, until = this_month(now), next_month(now)
    month = MONTH.format(name=f"{since:%Y_%m}", since=since.isoformat(), until=until.isoformat())
    _swap(
        connection, primary_key="CONSTRAINT core_auditentry_earlier_pkey PRIMARY KEY (id, at)",
        border=since.isoformat(), months=month, end=until.isoformat(),
    )  # fmt: skip


def _partition_full(connection, newest):
    # Entries of tomorrow must not be refused while a long journal is being read.
    border = next_month(max(newest, timezone.now() + timedelta(days=2))).isoformat()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX CONCURRENTLY IF EXISTS core_auditentry_earlier_pkey")  # of an attempt that was killed
        cursor.execute(INDEX)
        cursor.execute("ALTER TABLE core_auditentry DROP CONSTRAINT IF EXISTS journal_border")
        cursor.execute(BORDER.format(border=border))
        cursor.execute("ALTER TABLE core_auditentry VALIDATE CONSTRAINT journal_border")
    _swap(
        connection, border=border, months="", end=border,
        primary_key="CONSTRAINT core_auditentry_earlier_pkey PRIMARY KEY USING INDEX core_auditentry_earlier_pkey",
    )  # fmt: skip


def _swap(connection, **words):
    """Whoever wants to read or write meanwhile waits for half a second at most; then it is tried again."""
    for remaining in reversed(range(TRIES)):
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute(SWAP.format(**words))
        except OperationalError:
            if not remaining:
                raise
            time.sleep(2)
        else:
            return


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0014_archived_months")]
    operations = [migrations.RunPython(partition)]
