from django.db import migrations, models
from django.db.models import Q

from onepoint.core.index_building import BuildIndex, DropIndex

ALIVE = Q(status__in=["open", "handling", "on_hold", "replying", "visiting", "resolved"])


class Migration(migrations.Migration):
    atomic = False  # the table may be large, and people go on working
    dependencies = [("tickets", "0026_short_pending_lists")]
    operations = [
        BuildIndex(
            "ticket",
            models.Index(
                fields=["contact_phone_key", "-opened_at", "-id"],
                name="ticket_alive_phone",
                condition=ALIVE & ~Q(contact_phone_key=""),
            ),
        ),
        DropIndex("ticket", "ticket_phone"),
    ]
