from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models import F, Q

from onepoint.core.index_building import PENDING_LIMIT, BuildIndex, DropIndex
from onepoint.core.newest import alone

NARROWED = ["status", "kind", "channel", "severity", "region", "category", "customer_level", "unit"]
ALIVE = Q(status__in=["open", "handling", "on_hold", "replying", "visiting", "resolved"])


class Migration(migrations.Migration):
    atomic = False  # the table may be large, and people go on working
    dependencies = [("tickets", "0027_numbers_of_what_is_alive")]
    operations = [
        BuildIndex(
            "ticket",
            GinIndex(
                F("audience"),
                *map(alone, NARROWED),
                name="ticket_narrowed",
                gin_pending_list_limit=PENDING_LIMIT,
            ),
        ),
        BuildIndex(
            "ticket",
            models.Index(
                fields=["-opened_at", "-id"], name="ticket_alive_newest", condition=ALIVE, include=NARROWED
            ),
        ),
        BuildIndex("ticket", models.Index(fields=["due_at", "id"], name="ticket_due")),
        DropIndex("ticket", "ticket_audience"),
        DropIndex("ticket", "ticket_alive"),
        DropIndex("ticket", "ticket_severity_newest"),
        DropIndex("ticket", "ticket_channel_newest"),
        DropIndex("ticket", "ticket_kind_newest"),
        DropIndex("ticket", "ticket_level_newest"),
    ]
