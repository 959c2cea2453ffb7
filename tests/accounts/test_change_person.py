import pytest
from django.test import Client

from onepoint.accounts import policies, queries, services
from onepoint.accounts.models import InterfacePerson, OrgUnit, Position, User
from onepoint.core.errors import InvalidInput, NotPermitted

FIRST = "First-Pass-2026"


def create(cast, **more):
    values = {"username": "E2001", "name": "王小明", "unit": cast.network, "password": FIRST, "by": cast.admin}
    return services.create_person(**{**values, **more})


def test_a_new_person_may_log_in_and_must_change_the_password(cast, last_entry, announced):
    person = create(cast)
    assert person.check_password(FIRST)
    assert person.must_change_password
    assert person.is_active
    assert person.name_key == "wang xiao ming"
    entry = last_entry("person.created")
    assert (entry.subject_id, entry.data["unit"]) == (person.pk, "east-network")
    assert "password" not in entry.data
    assert announced == ["access:E2001"]


def test_a_staff_number_is_unique_whatever_its_case(cast):
    create(cast)
    with pytest.raises(InvalidInput) as refusal:
        create(cast, username="e2001")
    assert list(refusal.value.errors) == ["username"]


@pytest.mark.parametrize("password", ["Short-1", "alllowercaseletters", "1234567890"])
def test_a_weak_first_password_is_refused(cast, password):
    with pytest.raises(InvalidInput) as refusal:
        create(cast, password=password)
    assert list(refusal.value.errors) == ["password"]
    assert not User.objects.filter(username="E2001").exists()


def test_people_are_created_only_where_one_manages_people(cast, city_admin):
    with pytest.raises(NotPermitted):
        create(cast, by=cast.supervisor)
    with pytest.raises(policies.OutsideYourScope):
        create(cast, unit=cast.west_branch, by=city_admin)
    assert create(cast, by=city_admin).pk


def test_nobody_is_created_in_a_closed_unit(cast):
    OrgUnit.objects.filter(pk=cast.network.pk).update(is_active=False)
    cast.network.refresh_from_db()
    with pytest.raises(policies.NotInUse):
        create(cast)


def test_a_new_name_gets_a_new_pinyin_key(cast, last_entry):
    services.change_person(cast.handler, name="欧阳锋", phone="13800000000", by=cast.admin)
    cast.handler.refresh_from_db()
    assert cast.handler.name_key == "ou yang feng"
    assert last_entry("person.changed").data["changes"] == {
        "name": ["高处理", "欧阳锋"],
        "phone": ["", "13800000000"],
    }


def test_a_person_is_not_sent_to_a_unit_one_does_not_look_after(cast, city_admin):
    with pytest.raises(policies.OutsideYourScope):
        services.change_person(cast.handler, unit=cast.west_branch, by=city_admin)
    with pytest.raises(policies.OutsideYourScope):
        services.change_person(cast.outsider, name="x", by=city_admin)


def test_a_new_home_unit_changes_what_one_answers_for(cast, announced):
    services.change_person(cast.handler, unit=cast.billing, by=cast.admin)
    assert f"U{cast.billing.pk}" in queries.candidate_keys(User.objects.get(pk=cast.handler.pk))
    assert announced == ["access:handler"]


def test_somebody_locked_out_is_out_at_the_next_request(cast, client_of, last_entry, announced):
    client = client_of(cast.interface_person)
    assert client.get("/profile/").status_code == 200
    services.deactivate_person(cast.interface_person, by=cast.admin)
    assert client.get("/profile/").status_code == 302
    assert client.get("/profile/").url.startswith("/accounts/login/")
    assert not InterfacePerson.objects.filter(user=cast.interface_person).exists()
    assert last_entry("person.deactivated").data["interface_of"] == ["east-network"]
    assert "deactivated:interface_person" in announced


def test_somebody_let_in_again_logs_in_with_the_old_password(cast, last_entry):
    cast.handler.set_password(FIRST)
    cast.handler.save()
    services.deactivate_person(cast.handler, by=cast.admin)
    client = Client()
    client.post("/accounts/login/", {"login": "handler", "password": FIRST})
    assert client.get("/profile/").status_code == 302
    services.reactivate_person(cast.handler, by=cast.admin)
    client.post("/accounts/login/", {"login": "handler", "password": FIRST})
    assert client.get("/profile/").status_code == 200
    assert last_entry("person.reactivated").subject_id == cast.handler.pk


def test_locking_out_is_refused_for_oneself_for_others_cities_and_twice(cast, city_admin):
    with pytest.raises(policies.NotYourOwnAccess):
        services.deactivate_person(cast.admin, by=cast.admin)
    with pytest.raises(NotPermitted):
        services.deactivate_person(cast.outsider, by=city_admin)
    with pytest.raises(NotPermitted):
        services.deactivate_person(cast.handler, by=cast.supervisor)
    services.deactivate_person(cast.handler, by=cast.admin)
    with pytest.raises(policies.AlreadyInThatState):
        services.deactivate_person(cast.handler, by=cast.admin)


def test_the_last_administrator_is_not_locked_out(cast):
    with pytest.raises(policies.NoAdministratorLeft):
        services.deactivate_person(cast.admin, by=None)
    assert User.objects.get(pk=cast.admin.pk).is_active


def test_an_appointment_makes_one_answer_for_the_unit(cast, last_entry, announced):
    position = Position.objects.create(unit=cast.billing, name="账务复核")
    appointment = services.appoint_person(cast.handler, position=position, by=cast.admin)
    assert f"U{cast.billing.pk}" in queries.candidate_keys(User.objects.get(pk=cast.handler.pk))
    assert services.appoint_person(cast.handler, position=position, by=cast.admin) == appointment
    assert announced == ["access:handler"]
    services.end_appointment(appointment, by=cast.admin)
    assert f"U{cast.billing.pk}" not in queries.candidate_keys(User.objects.get(pk=cast.handler.pk))
    ended = last_entry("person.appointment_ended").data
    assert (ended["position"], ended["unit"]) == ("账务复核", "east-billing")


def test_appointing_needs_both_the_person_and_the_post_in_scope_and_use(cast, city_admin):
    west = Position.objects.create(unit=cast.west_branch, name="值班")
    with pytest.raises(NotPermitted):
        services.appoint_person(cast.handler, position=west, by=city_admin)
    with pytest.raises(NotPermitted):
        services.appoint_person(cast.handler, position=west, by=cast.supervisor)
    closed = Position.objects.create(unit=cast.network, name="撤销的", is_active=False)
    with pytest.raises(policies.NotInUse):
        services.appoint_person(cast.handler, position=closed, by=cast.admin)
    held = cast.outsider.appointments.get()
    with pytest.raises(NotPermitted):
        services.end_appointment(held, by=city_admin)


def test_the_page_shows_a_made_password_once(cast, client_of):
    response = client_of(cast.admin).post(
        "/people/new/", {"username": "E3001", "name": "李四", "unit": cast.network.pk, "language": "zh-hans"}
    )
    shown = response.context["password"]
    assert User.objects.get(username="E3001").check_password(shown)
    assert shown in response.content.decode()
    assert "no-store" in response["Cache-Control"]


def test_the_page_shows_refused_input_beside_its_field(cast, client_of):
    response = client_of(cast.admin).post(
        "/people/new/",
        {
            "username": "handler",
            "name": "李四",
            "unit": cast.network.pk,
            "language": "zh-hans",
            "password": "Good-Enough-1",
        },
    )
    assert response.status_code == 422
    assert "username" in response.context["form"].errors
