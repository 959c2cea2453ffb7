"""A plan draws, two people score blindly, the person inspected appeals, a third scores again, others learn from it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from cast import Cast, make_user
from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.quality.models import Inspection, SamplingPlan
from onepoint.quality.services import inspection_presets
from onepoint.quality.tasks import draw_days
from onepoint.tickets.models import Category
from quality.samples import add_tickets, inspector_of
from tickets.conftest import broadband_form, categories, severities  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db
FULL = {f"i{number}": "5" for number in (1, 4, 6)} | {f"i{number}": "1" for number in (2, 3, 5)}


def test_a_sample_is_drawn_scored_appealed_against_and_learnt_from(
    cast: Cast,
    categories: dict[str, Category],  # noqa: F811
    client_of: Callable[[User], Client],
) -> None:
    inspection_presets.load_inspection_presets(by=None)
    add_tickets(cast.agent, categories["bl_high"], 6)
    first, second = (inspector_of(cast, f"inspector{number}") for number in (1, 2))
    lead_user = make_user("lead", first.unit, ["quality_lead"])  # type: ignore[arg-type]
    lead = client_of(lead_user)

    plan = SamplingPlan.objects.get(scorecard__code="complaint_record")
    SamplingPlan.objects.filter(pk=plan.pk).update(double_share=100, size=1)
    today = clock.today()
    days = {"begins_on": f"{today - timedelta(days=7)}", "ends_on": f"{today}"}
    tried = lead.get(f"/sampling-plans/{plan.pk}/", days)
    assert tried.context["tried"] | {"strata": []} == {"strata": [], "population": 6, "drawn": 1, "hidden": 0}
    assert lead.post(f"/sampling-plans/{plan.pk}/draw/", days).status_code == 302
    for _twice in range(2):  # a job may run again
        draw_days(plan.pk, days["begins_on"], days["ends_on"], lead_user.pk)
    inspection = Inspection.objects.get()
    assert inspection.person == cast.agent

    for person, answers in ((first, FULL), (second, FULL | {"i1": "1"})):
        client = client_of(person)
        page = client.post("/scorings/next/")["Location"]
        assert client.get(page).status_code == 200
        assert client.post(page, answers).status_code == 302
        assert client.get(page, follow=True).status_code == 200
    inspection.refresh_from_db()
    assert inspection.state == "disputed"
    arbitration = lead.post("/scorings/next/")["Location"]
    assert "76.00" in lead.get(arbitration).content.decode()  # both scores lie before the one who decides
    lead.post(arbitration, FULL | {"i1": "2"})

    agent = client_of(cast.agent)
    assert inspection.subject_number in agent.get("/inspections/mine/").content.decode()
    address = inspection.get_absolute_url()
    assert "82.00" in agent.get(address).content.decode()
    agent.post(f"{address}appeal/", {"words": "诉求已写在描述第二行"})
    assert "诉求已写在描述第二行" in lead.get(address).content.decode()
    assert lead.post("/scorings/next/")["Location"] == "/scorings/"  # the arbiter has scored it already
    other = client_of(make_user("other_lead", first.unit, ["quality_lead"]))  # type: ignore[arg-type]
    again = other.post("/scorings/next/")["Location"]
    other.post(again, FULL)
    inspection.refresh_from_db()
    assert (inspection.state, str(inspection.score), str(inspection.first_score)) == ("settled", "100.00", "82.00")

    assert "100.00" in lead.get("/inspections/figures/", {"by": "person"}).content.decode()
    assert lead.get("/inspections/agreement/").context["found"].pairs == 1
    case = lead.post(f"{address}case/")["Location"]
    assert lead.get(case).status_code == 200
    assert client_of(cast.outsider).get(address).status_code == 404
