"""Closed tickets by the dozen, a score card, plans and inspectors for the tests of inspections."""

from datetime import timedelta
from itertools import count
from typing import Any

from cast import Cast, make_user
from onepoint.accounts.models import OrgUnit, User
from onepoint.core import clock
from onepoint.quality.models import SamplingPlan, Scorecard
from onepoint.quality.periods import Period, days
from onepoint.quality.services import planning, scorecards
from onepoint.quality.services.planning import PlanItems
from onepoint.tickets.models import Category, Ticket

_numbers = count(1)
ITEMS = [
    {"name": "客户诉求记录", "type": "scale", "weight": 60},
    {"name": "联系方式核对", "type": "yes_no", "weight": 40, "may_be_left": True},
    {"name": "泄露客户信息", "type": "fatal", "codes": ["F99"]},
]


def week() -> Period:
    """The seven days up to today, in the house's time zone."""
    today = clock.today()
    return days(today - timedelta(days=6), today)


def add_tickets(agent: User, category: Category, many: int, **more: Any) -> list[Ticket]:
    """Closed tickets an agent recorded, closed in the last days; made at once, as only what is drawn matters."""
    now = clock.now()
    unit = agent.unit
    assert unit is not None
    rows = [
        Ticket(
            number=f"TS{next(_numbers):014}", kind="complaint", category=category, severity=category.default_severity or _severity(),
            channel="hotline", title="宽带很慢", created_by=agent, owner=agent, unit=unit, region=unit.region, status="closed",
            opened_at=now - timedelta(days=3), closed_at=now - timedelta(hours=1 + place % 90), audience=[f"R{unit.region_id}"], **more,
        )
        for place in range(many)
    ]  # fmt: skip
    return Ticket.objects.bulk_create(rows)


def _severity() -> Any:
    from onepoint.tickets.models import Severity

    return Severity.objects.get(code="normal")


def make_card(code: str = "record", *, about: str = "record", publish: bool = True) -> Scorecard:
    found = Scorecard.objects.filter(code=code).first()
    if found:
        return found
    made = scorecards.create_scorecard(code=code, name=f"评分表 {code}", about=about, items=ITEMS, by=None)
    if publish:
        scorecards.publish_scorecard(made, by=None)
    return made


def make_plan(**more: Any) -> SamplingPlan:
    """A plan that draws five tickets of the record at random, unless said otherwise."""
    values = {"name": "录入质检", "size": 5} | more
    return planning.create_plan(PlanItems(scorecard=values.pop("scorecard", None) or make_card(), **values), by=None)


def inspector_of(cast: Cast, username: str) -> User:
    """An inspector of East who belongs to a unit beside the call centre."""
    unit, _ = OrgUnit.objects.get_or_create(
        code="east-quality", defaults={"name": "东市质检", "kind": cast.network.kind, "region": cast.east, "parent": cast.call_centre.parent},
    )  # fmt: skip
    if not unit.path.endswith(f"/{unit.pk}/"):
        unit.path = f"{cast.call_centre.parent.path}{unit.pk}/"
        unit.save(update_fields=["path"])
    return make_user(username, unit, ["inspector"])
