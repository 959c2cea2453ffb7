"""The counter of a business hall: numbers taken, called, served, each by one agent."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from cast import Cast, make_user
from onepoint.accounts.models import Role, RoleGrant, User
from onepoint.accounts.policies import OutsideYourScope
from onepoint.channels import green, policies, services, signals
from onepoint.channels.green import Green
from onepoint.channels.models import Contact, CounterNumber, CounterQueue, CounterWindow, OutgoingMessage
from onepoint.channels.queries import counter as queries
from onepoint.channels.states import NumberState
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.customers import services as customers
from onepoint.customers.models import CustomerLevel

COUNTER = ["counter.greet", "counter.serve"]


@pytest.fixture
def clerks(cast: Cast) -> list[User]:
    """The agents of East also work at the counter; one role, so that their scope is their region's."""
    role = Role.objects.create(code="clerk", name="营业员", permissions=COUNTER, data_scope="own_region")
    for person in (cast.agent, cast.second_agent, cast.outsider):
        RoleGrant.objects.create(user=person, role=role, unit=person.unit)
    return [User.objects.get(pk=person.pk) for person in (cast.agent, cast.second_agent)]


@pytest.fixture
def line(cast: Cast) -> CounterQueue:
    return services.save_counter_queue(
        None, unit=cast.call_centre, name="综合业务", prefix="a", matters="话费\n宽带", by=None
    )


@pytest.fixture
def other_line(cast: Cast) -> CounterQueue:
    return services.save_counter_queue(None, unit=cast.call_centre, name="投诉", prefix="B", by=None)


@pytest.fixture
def windows(cast: Cast) -> list[CounterWindow]:
    return [services.save_window(cast.call_centre, name=f"{number}号窗口", by=None) for number in (1, 2)]


def take(line: CounterQueue, **more) -> CounterNumber:
    return services.take_number(line, by=None, **more)


def now(number: CounterNumber) -> CounterNumber:
    return CounterNumber.objects.select_related("queue__unit", "window").get(pk=number.pk)


def test_numbers_count_up_and_begin_anew_each_day(line: CounterQueue, time_machine) -> None:
    time_machine.move_to("2026-11-22 10:00+08:00", tick=False)
    assert [take(line).label, take(line).label] == ["A001", "A002"]
    time_machine.move_to("2026-11-23 00:30+08:00", tick=False)
    assert take(line).label == "A001"


def test_one_pressing_of_the_button_makes_one_number(line: CounterQueue) -> None:
    key = uuid4()
    assert take(line, request_key=key).pk == take(line, request_key=key).pk
    assert CounterNumber.objects.count() == 1


def test_who_waited_longest_is_called_and_a_level_counts_as_time(
    line: CounterQueue, windows, clerks, cast: Cast
) -> None:
    level = CustomerLevel.objects.create(code="gold", name="金卡", rank=2)
    customers.create_customer(
        by=None, name="金女士", region=cast.east, level=level, accounts=[customers.NewAccount("13900139000")]
    )
    take(line), take(line)
    gold = take(line, phone="139 0013 9000")
    assert (gold.customer.name, gold.taken_at - gold.counts_from) == ("金女士", timedelta(minutes=20))
    called = [services.call_next(windows[0], by=clerks[0]), services.call_next(windows[1], by=clerks[1])]
    assert [one.label for one in called] == ["A003", "A001"]


def test_a_green_channel_counts_as_time_too(
    line: CounterQueue, windows, clerks, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(line), take(line)
    monkeypatch.setattr(green, "_judges", [lambda *asked: Green("大客户", 1) if asked[3] == "hall" else None])
    hurried = take(line)
    assert hurried.taken_at - hurried.counts_from == timedelta(minutes=line.level_minutes)
    assert services.call_next(windows[0], by=clerks[0]).label == "A003"


def test_a_visit_from_the_call_to_its_end(line: CounterQueue, windows, clerks) -> None:
    agent = clerks[0]
    take(line, matter="宽带", name="王先生", phone="13800138000")
    arrived: list[dict] = []
    signals.customer_arrived.connect(lambda sender, **facts: arrived.append(facts), weak=False, dispatch_uid="test")
    try:
        number = services.call_next(windows[0], by=agent)
        services.recall_number(number, by=agent)
        contact = services.start_serving(number, by=agent)
    finally:
        signals.customer_arrived.disconnect(dispatch_uid="test")
    assert (contact.channel, contact.subject, contact.caller_name, contact.outcome) == (
        "hall",
        "宽带",
        "王先生",
        "open",
    )
    assert [(one["contact"], one["agent"]) for one in arrived] == [(contact, agent)]
    services.finish_number(number, by=agent)
    kept = now(number)
    assert (kept.state, kept.call_count, kept.contact) == (NumberState.DONE, 2, contact)
    assert Contact.objects.get().ended_at is not None
    assert queries.number_of_contact(contact) == kept
    verbs = list(AuditEntry.objects.filter(subject_type="counter_number").order_by("pk").values_list("verb", flat=True))
    assert verbs == [f"counter_number.{verb}" for verb in ("taken", "called", "called_again", "started", "finished")]
    figures = queries.counter_figures(line.unit)
    assert (figures.served, figures.waiting) == (1, 0)
    assert figures.average_wait is not None
    assert figures.average_service is not None


def test_one_serves_one_at_a_time(line: CounterQueue, windows, clerks) -> None:
    take(line), take(line)
    number = services.call_next(windows[0], by=clerks[0])
    with pytest.raises(policies.StillServing):
        services.call_next(windows[1], by=clerks[0])
    services.miss_number(number, by=clerks[0])
    assert services.call_next(windows[0], by=clerks[0]).label == "A002"
    with pytest.raises(policies.NobodyWaits):
        services.call_next(windows[1], by=clerks[1])


def test_who_did_not_come_waits_again_where_he_stood(line: CounterQueue, windows, clerks) -> None:
    take(line), take(line)
    number = services.call_next(windows[0], by=clerks[0])
    services.miss_number(number, by=clerks[0])
    services.bring_back(now(number), by=clerks[1])
    assert services.call_next(windows[1], by=clerks[1]) == number


def test_a_visitor_goes_on_to_another_line_with_number_waiting_time_and_contact(
    line, other_line, windows, clerks
) -> None:
    take(other_line)
    number = take(line)
    CounterNumber.objects.filter(pk=number.pk).update(counts_from=clock.now() - timedelta(hours=1))
    held = services.call_next(windows[0], by=clerks[0], queue=line)
    contact = services.start_serving(held, by=clerks[0])
    services.transfer_number(held, to=other_line, by=clerks[0])
    again = services.call_next(windows[1], by=clerks[1], queue=other_line)
    assert (again, again.label) == (number, "A001")
    assert services.start_serving(again, by=clerks[1]) == contact
    assert Contact.objects.count() == 1
    with pytest.raises(InvalidInput):
        services.transfer_number(again, to=other_line, by=clerks[1])


def test_what_one_may_not(line: CounterQueue, windows, clerks, cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        services.take_number(line, by=cast.visitor)
    outsider = User.objects.get(pk=cast.outsider.pk)
    with pytest.raises(OutsideYourScope):
        services.take_number(line, by=outsider)
    with pytest.raises(OutsideYourScope):
        services.call_next(windows[0], by=outsider)
    take(line)
    number = services.call_next(windows[0], by=clerks[0])
    with pytest.raises(policies.NotYourNumber):
        services.start_serving(now(number), by=clerks[1])
    with pytest.raises(policies.NumberNotInThatState):
        services.finish_number(number, by=clerks[0])
    with pytest.raises(NotPermitted):
        services.save_window(cast.call_centre, name="3", by=clerks[0])
    assert queries.find_number(number.pk, visible_to=outsider) is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"prefix": "号"}, "prefix"),
        ({"prefix": ""}, "prefix"),
        ({"name": " "}, "name"),
        ({"level_minutes": 500}, "level_minutes"),
        ({"prefix": "A"}, "prefix"),
    ],
)
def test_a_line_needs_letters_of_its_own(line: CounterQueue, cast: Cast, values: dict, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        services.save_counter_queue(None, unit=cast.call_centre, by=None, **({"name": "另一", "prefix": "C"} | values))
    assert list(refusal.value.errors) == [field]


@pytest.mark.django_db(transaction=True)
def test_agents_who_call_at_once_get_different_numbers(cast: Cast, line: CounterQueue, clerks) -> None:
    people = [make_user(f"clerk{number}", cast.call_centre, []) for number in range(6)]
    for person in people:
        RoleGrant.objects.create(user=person, role=Role.objects.get(code="clerk"), unit=cast.call_centre)
    places = [services.save_window(cast.call_centre, name=str(number), by=None) for number in range(6)]
    for _number in range(6):
        take(line)
    start, called = threading.Barrier(6), []

    def call(place: CounterWindow, person: User) -> None:
        start.wait()
        try:
            called.append(services.call_next(place, by=person).label)
        finally:
            connection.close()

    threads = [threading.Thread(target=call, args=pair) for pair in zip(places, people, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(called) == [f"A00{number}" for number in range(1, 7)]


def test_the_pages_of_the_counter(
    line: CounterQueue, windows, clerks, client_of, django_assert_max_num_queries
) -> None:
    client = client_of(clerks[0])
    answer = client.post(
        reverse("kiosk", args=[line.pk]), {"request_key": str(uuid4()), "matter": "宽带", "phone": "13800138000"}
    )
    number = CounterNumber.objects.get()
    assert answer.headers["Location"] == reverse("kiosk-number", args=[line.pk, number.token])
    assert "A001" in client.get(answer.headers["Location"]).content.decode()
    message = OutgoingMessage.objects.get()
    assert number.token in message.text
    assert message.address == "+8613800138000"
    assert "1号窗口" in client.get(reverse("counter")).content.decode()
    client.post(reverse("counter-window"), {"window": windows[0].pk})
    client.get(reverse("counter"))
    with django_assert_max_num_queries(10):
        page = client.get(reverse("counter")).content.decode()
    assert "A001" in page
    stranger = Client()
    own = reverse("hall-number", args=[number.token])
    screen = reverse("hall-screen", args=[line.screen_token])
    assert "A001" in stranger.get(own).content.decode()
    client.post(reverse("counter-call"))
    shown = stranger.get(screen).content.decode()
    assert "A001" in shown
    assert "1号窗口" in shown
    assert "13800138000" not in shown
    answer = client.post(reverse("counter-number-act", args=[number.pk, "start"]))
    contact = Contact.objects.get()
    assert answer.headers["Location"] == f"{reverse('intake')}?contact={contact.number}"
    client.post(reverse("counter-number-act", args=[number.pk, "finish"]))
    assert now(number).state == NumberState.DONE
    assert client.post(reverse("counter-number-act", args=[number.pk, "nothing"])).status_code == 404


def test_a_visitor_gives_the_number_back_and_a_guess_finds_nothing(line: CounterQueue) -> None:
    number = take(line)
    stranger = Client()
    assert stranger.post(reverse("hall-number", args=[number.token])).status_code == 302
    assert now(number).state == NumberState.LEFT
    assert stranger.get(reverse("hall-number", args=["x" * 32])).status_code == 404
    assert stranger.get(reverse("hall-screen", args=["x" * 32])).status_code == 404
    CounterNumber.objects.update(day=clock.today() - timedelta(days=3))
    assert stranger.get(reverse("hall-number", args=[number.token])).status_code == 404


def test_lines_and_windows_are_arranged_by_who_may(cast: Cast, line: CounterQueue, client_of) -> None:
    role = Role.objects.create(
        code="hall_manager", name="厅经理", permissions=["counter.manage"], data_scope="own_region"
    )
    RoleGrant.objects.create(user=cast.supervisor, role=role, unit=cast.supervisor.unit)
    client = client_of(User.objects.get(pk=cast.supervisor.pk))
    values = {
        "unit": cast.call_centre.pk,
        "name": "大客户",
        "prefix": "v",
        "matters": "",
        "level_minutes": 0,
        "is_active": "on",
    }
    assert client.post(reverse("counter-queue-create"), values | {"prefix": "A"}).status_code == 422
    answer = client.post(reverse("counter-queue-create"), values)
    made = CounterQueue.objects.get(prefix="V")
    page = reverse("counter-queue-change", args=[made.pk])
    assert answer.headers["Location"] == page
    client.post(reverse("counter-window-save", args=[made.pk]), {"name": "贵宾室"})
    assert "贵宾室" in client.get(page).content.decode()
    assert client.post(page, values | {"name": "贵宾", "version": 1}).status_code == 302
    assert (
        client.post(page, values | {"name": "旧", "version": 1}, headers={"accept": "application/json"}).status_code
        == 409
    )
    assert "贵宾" in client.get(reverse("counter-queue-list")).content.decode()


def test_the_night_ends_the_day_and_forgets_who_came(line: CounterQueue) -> None:
    number = take(line, name="王先生", phone="13800138000")
    CounterNumber.objects.update(day=clock.today() - timedelta(days=31))
    assert services.close_counter_days(by=None) == 2
    kept = now(number)
    assert (kept.state, kept.name, kept.phone) == (NumberState.LEFT, "", "")
    assert services.close_counter_days(by=None) == 0
