import django.db.models.deletion
from django.db import migrations, models

# The level decides who may see a ticket, so it is kept by the database: imports, merges and bulk loads write tickets too.
KEEP_LEVEL = '''
CREATE FUNCTION ticket_takes_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.customer_level_id := (SELECT c.level_id FROM customers_customer c WHERE c.id = NEW.customer_id);
    RETURN NEW;
END
$$;
CREATE TRIGGER ticket_takes_level BEFORE INSERT OR UPDATE OF customer_id, customer_level_id ON tickets_ticket
    FOR EACH ROW WHEN (NEW.customer_id IS NOT NULL OR NEW.customer_level_id IS NOT NULL)
    EXECUTE FUNCTION ticket_takes_level();
CREATE FUNCTION tickets_follow_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tickets_ticket SET customer_level_id = NEW.level_id WHERE customer_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER tickets_follow_level AFTER UPDATE OF level_id ON customers_customer
    FOR EACH ROW WHEN (OLD.level_id IS DISTINCT FROM NEW.level_id) EXECUTE FUNCTION tickets_follow_level();
UPDATE tickets_ticket t SET customer_level_id = c.level_id
    FROM customers_customer c WHERE c.id = t.customer_id AND c.level_id IS NOT NULL;
'''
FORGET_LEVEL = '''
DROP TRIGGER tickets_follow_level ON customers_customer;
DROP FUNCTION tickets_follow_level();
DROP TRIGGER ticket_takes_level ON tickets_ticket;
DROP FUNCTION ticket_takes_level();
'''


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_business_lines_and_levels'),
        ('customers', '0004_statistics_of_keys'),
        ('tickets', '0004_search_and_saved_filters'),
    ]

    operations = [
        migrations.AddField(
            model_name='category',
            name='business_line',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.businessline', verbose_name='Business line'),
        ),
        migrations.AddField(
            model_name='ticket',
            name='business_line',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.businessline', verbose_name='Business line'),
        ),
        migrations.AddField(
            model_name='ticket',
            name='customer_level',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customerlevel'),
        ),
        migrations.RunSQL(KEEP_LEVEL, FORGET_LEVEL),
    ]
