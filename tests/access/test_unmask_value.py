"""A masked value is uncovered one at a time, with a reason, written down, and not endlessly."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.house import ADDRESS, IDENTITY, MAIL, PHONE, House
from onepoint.accounts.models import PersonalDataReading, PrivacyPolicy, Unmasking, User
from onepoint.accounts.privacy import UnmaskingLimitReached
from onepoint.accounts.services import privacy as services
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry

REASON = {"reason": "verify", "note": "核对是否本人"}


def url_of(house: House, field: str = "id_number") -> str:
    return f"/personal-data/show/customer/{house.east.customer.number}/{field}/"


def again(person: User) -> User:
    return User.objects.get(pk=person.pk)


def test_the_page_has_the_masked_value_and_a_way_to_the_whole(house: House, client_of) -> None:
    page = client_of(house.cast.agent).get(f"/customers/{house.east.customer.number}/").content.decode()
    assert IDENTITY not in page
    assert "330***********1234" in page
    assert url_of(house) in page


def test_a_reason_uncovers_the_value_once(house: House, client_of) -> None:
    client = client_of(house.cast.agent)
    asked = client.get(url_of(house))
    assert IDENTITY not in asked.content.decode()
    shown = client.post(url_of(house), REASON)
    assert IDENTITY in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert IDENTITY not in client.get(f"/customers/{house.east.customer.number}/").content.decode()
    row = Unmasking.objects.get()
    assert (row.user, row.subject_number, row.field, row.group, row.reason, row.note) == (
        house.cast.agent, house.east.customer.number, "id_number", "identity", "verify", "核对是否本人",
    )  # fmt: skip


def test_it_stands_in_the_journal_of_the_customer(house: House, client_of) -> None:
    services.unmask("customer", house.east.customer.number, "id_number", **REASON, by=again(house.cast.agent))
    entry = AuditEntry.objects.get(verb="customer.unmasked")
    assert (entry.subject_id, entry.data["field"], entry.data["note"]) == (
        house.east.customer.pk, "id_number", "核对是否本人",
    )  # fmt: skip
    for person, may_know in ((house.cast.supervisor, True), (house.cast.agent, False)):  # needs audit.view
        history = client_of(person).get(f"/customers/{house.east.customer.number}/history/").content.decode()
        assert ("核对是否本人" in history) == may_know


def test_without_a_reason_nothing_is_shown_nor_noted(house: House, client_of) -> None:
    answer = client_of(house.cast.agent).post(url_of(house), {"reason": "verify", "note": " "})
    assert answer.status_code == 422
    assert IDENTITY not in answer.content.decode()
    assert not Unmasking.objects.exists()
    with pytest.raises(InvalidInput):
        services.unmask(
            "customer", house.east.customer.number, "id_number", reason="", note="abcdef", by=again(house.cast.agent)
        )


def test_more_than_the_limit_a_day_is_refused(house: House, client_of) -> None:
    PrivacyPolicy.objects.create(pk=1, unmaskings_per_day=2)
    agent = house.cast.agent
    for _ in range(2):
        services.unmask("customer", house.east.customer.number, "id_number", **REASON, by=again(agent))
    with pytest.raises(UnmaskingLimitReached):
        services.unmask("customer", house.east.customer.number, "id_number", **REASON, by=again(agent))
    answer = client_of(agent).post(url_of(house), REASON)
    assert answer.status_code == 429
    assert IDENTITY not in answer.content.decode()
    assert Unmasking.objects.count() == 2


def test_somebody_without_the_permission_may_not_ask(house: House, client_of) -> None:
    with pytest.raises(NotPermitted):
        services.unmask("customer", house.east.customer.number, "id_number", **REASON, by=again(house.cast.visitor))
    assert client_of(house.cast.visitor).get(url_of(house)).status_code == 403
    page = client_of(house.cast.visitor).get(f"/customers/{house.east.customer.number}/").content.decode()
    assert url_of(house) not in page


def test_what_one_does_not_see_cannot_be_uncovered(house: House, client_of) -> None:
    assert client_of(house.cast.outsider).post(url_of(house), REASON).status_code == 404
    assert client_of(house.cast.agent).post(url_of(house, "password"), REASON).status_code == 404
    assert client_of(house.cast.agent).post("/personal-data/show/nothing/1/x/", REASON).status_code == 404


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("customer", "account-{account}", PHONE),
        ("customer", "address", f"杭州市西湖区{ADDRESS}"),
        ("customer", "contact_person_email-{contact_person}", MAIL),
        ("customer", "asset-{asset}", ADDRESS),
        ("ticket", "contact_phone", "139 1234 5678"),
        ("ticket", "account", PHONE),
        ("contact", "caller_number", PHONE),
    ],
)
def test_every_personal_value_can_be_uncovered(house: House, kind: str, field: str, value: str) -> None:
    side = house.east
    field = field.format(account=side.account.pk, asset=side.asset.pk, contact_person=side.contact_person.pk)
    supervisor = again(house.cast.supervisor)
    supervisor.__dict__["permission_codes"] = supervisor.permission_codes | {"personal_data.unmask"}
    number = getattr(side, kind).number
    assert services.unmask(kind, number, field, **REASON, by=supervisor) == value


def test_who_sees_it_anyway_needs_no_reason_and_leaves_no_row(house: House) -> None:
    number = house.east.customer.number
    agent = again(house.cast.agent)
    assert (
        services.unmask("customer", number, f"account-{house.east.account.pk}", reason="", note="", by=agent) == PHONE
    )
    assert not Unmasking.objects.exists()


def test_the_list_shows_who_uncovered_what(house: House, client_of) -> None:
    services.unmask("customer", house.east.customer.number, "id_number", **REASON, by=again(house.cast.agent))
    client = client_of(house.cast.admin)
    page = client.get("/personal-data/").content.decode()
    assert "安坐席" in page
    assert house.east.customer.number in page
    assert "核对是否本人" in page
    for query, is_shown in (("?person=毕坐席", False), ("?reason=verify", True), ("?group=phone", False)):
        assert ("核对是否本人" in client.get(f"/personal-data/{query}").content.decode()) == is_shown
    assert client_of(house.cast.agent).get("/personal-data/").status_code == 403


def test_the_list_costs_the_same_however_long(house: House, client_of) -> None:
    client = client_of(house.cast.admin)
    agent = again(house.cast.agent)
    client.get("/personal-data/")
    counts = []
    for _ in range(2):
        for _times in range(3):
            services.unmask("customer", house.east.customer.number, "id_number", **REASON, by=agent)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/personal-data/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_the_limit_is_changed_on_its_screen(house: House, client_of) -> None:
    client = client_of(house.cast.admin)
    assert client.post("/personal-data/policy/", {"unmaskings_per_day": "7"}).status_code == 302
    assert PrivacyPolicy.objects.get().unmaskings_per_day == 7
    assert AuditEntry.objects.filter(verb="privacy_policy.changed").count() == 1
    assert client.post("/personal-data/policy/", {"unmaskings_per_day": "-1"}).status_code == 422
    with pytest.raises(NotPermitted):
        services.change_privacy_policy(unmaskings_per_day=9, by=again(house.cast.agent))


def test_opening_a_customer_is_noted_for_those_who_see_personal_data(house: House, client_of) -> None:
    client_of(house.cast.agent).get(f"/customers/{house.east.customer.number}/")
    row = PersonalDataReading.objects.get()
    assert (row.user, row.subject_type, row.subject_id) == (house.cast.agent, "customer", house.east.customer.pk)
    assert row.groups == ["phone", "address"]
    client_of(house.cast.supervisor).get(f"/customers/{house.east.customer.number}/")
    assert PersonalDataReading.objects.count() == 1
    assert house.east.customer.number in client_of(house.cast.admin).get("/personal-data/read/").content.decode()
