"""Messages and signals reach the processes that wait for them: once, by name and key, also when they came too early."""

from datetime import timedelta

import pytest

from cast import Cast
from onepoint.core import clock
from onepoint.core.errors import NotPermitted
from onepoint.workflow import services
from onepoint.workflow.models import ProcessInstance, ProcessMessage, Subscription
from onepoint.workflow.services import messages
from workflow.conftest import Running, chain, check_instance, drawing, publish, start, user_task

DECLARED = '<bpmn:message id="m" name="paid" op:correlationKey="order"/><bpmn:signal id="g" name="storm"/>'


def with_messages(body: str, key: str) -> str:
    return drawing(body, key).replace("<bpmn:process ", DECLARED + "<bpmn:process ", 1)


def catch(node: str, kind: str = "message") -> str:
    reference = "m" if kind == "message" else "g"
    return (
        f'<bpmn:intermediateCatchEvent id="{node}"><bpmn:{kind}EventDefinition {kind}Ref="{reference}"/>'
        "</bpmn:intermediateCatchEvent>"
    )


def waiting_for_payment() -> str:
    body = '<bpmn:startEvent id="s"/>' + catch("wait") + user_task("ship") + chain("s", "wait", "ship")
    return with_messages(body, "paying")


def begun(cast: Cast, order: object) -> Running:
    return start("paying", cast.agent, variables={"order": order})


def send(name: str = "paid", **more: object) -> int:
    message = services.send_message(name, by=None, **more)  # type: ignore[arg-type]
    return services.deliver_message(message.pk)


def test_a_message_reaches_the_process_with_its_key_and_brings_its_variables(cast: Cast) -> None:
    publish(waiting_for_payment())
    mine, other = begun(cast, 7), begun(cast, 8)
    assert send(correlation="7", variables={"amount": 12}) == 1
    assert (mine.nodes(), other.nodes()) == (["ship"], [])
    assert mine.row.variables["amount"] == 12
    for running in (mine, other):
        check_instance(running.id)
    assert ProcessMessage.objects.get().status == "taken"
    assert Subscription.objects.filter(closed_at=None).count() == 1


def test_a_message_is_consumed_once_and_the_same_key_again_is_nothing_new(cast: Cast) -> None:
    publish(waiting_for_payment())
    first, second = begun(cast, 7), begun(cast, 7)
    assert send(correlation=7, key="bank-1") == 1
    assert send(correlation=7, key="bank-1") == 0
    assert (first.nodes(), second.nodes()) == (["ship"], [])
    message = ProcessMessage.objects.get()
    assert services.deliver_message(message.pk) == 0


def test_a_message_that_comes_too_early_waits_for_its_process(cast: Cast) -> None:
    publish(waiting_for_payment())
    assert send(correlation=7) == 0
    running = begun(cast, 7)
    assert running.nodes() == []
    assert services.sweep_messages() == 1
    assert running.nodes() == ["ship"]


def test_a_message_nobody_waits_for_expires(cast: Cast) -> None:
    publish(waiting_for_payment())
    send(correlation=7, kept=timedelta(hours=1))
    with clock.at(clock.now() + timedelta(hours=2)):
        services.sweep_messages()
        assert ProcessMessage.objects.get().status == "expired"
        running = begun(cast, 7)
        assert services.sweep_messages() == 0
    assert running.nodes() == []


def test_a_message_starts_a_process_of_the_version_in_force(cast: Cast) -> None:
    bpmn = with_messages(
        '<bpmn:startEvent id="s"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'
        + user_task("look", '<op:assignment rule="role" role="coordinator" within="anywhere"/>') + chain("s", "look"),
        "by-message",
    )  # fmt: skip
    publish(bpmn)
    publish(bpmn.replace('name="look"', 'name="see"'))
    assert send(variables={"order": 3}) == 1
    made = ProcessInstance.objects.get(version__definition__key="by-message")
    assert (made.version.number, made.subject_type, made.variables["order"]) == (2, "process", 3)
    check_instance(made.pk)


def test_a_signal_reaches_all_that_wait_now_and_each_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    body = '<bpmn:startEvent id="s"/>' + user_task("work") + user_task("shelter")
    body += '<bpmn:boundaryEvent id="b" attachedToRef="work" cancelActivity="false">'
    body += '<bpmn:signalEventDefinition signalRef="g"/></bpmn:boundaryEvent>' + chain("s", "work")
    publish(with_messages(body + chain("b", "shelter"), "weather"))
    first, second = start("weather", cast.agent), start("weather", cast.agent)
    signal = services.send_signal("storm", by=None)
    real = messages._give_signal
    calls = []

    def die_after_the_first(message: ProcessMessage, subscription: Subscription) -> bool:
        if calls:
            raise KeyboardInterrupt
        calls.append(subscription.pk)
        return real(message, subscription)

    monkeypatch.setattr(messages, "_give_signal", die_after_the_first)
    with pytest.raises(KeyboardInterrupt):
        services.deliver_message(signal.pk)
    monkeypatch.setattr(messages, "_give_signal", real)
    assert services.deliver_message(signal.pk) == 1
    late = start("weather", cast.agent)
    assert services.deliver_message(signal.pk) == 0
    for running in (first, second):
        assert running.nodes() == ["shelter", "work"]
        check_instance(running.id)
    assert late.nodes() == ["work"]


def test_one_process_sends_another_receives(cast: Cast) -> None:
    publish(waiting_for_payment())
    thrower = (
        '<bpmn:startEvent id="s"/><bpmn:sendTask id="tell" messageRef="m"><bpmn:extensionElements>'
        '<op:input name="amount" value="10 + 2"/></bpmn:extensionElements></bpmn:sendTask>'
        '<bpmn:endEvent id="e"><bpmn:signalEventDefinition signalRef="g"/></bpmn:endEvent>' + chain("s", "tell", "e")
    )
    publish(with_messages(thrower, "bank"))
    running = begun(cast, 7)
    bank = start("bank", cast.agent, variables={"order": 7})
    assert bank.row.status == "completed"
    sent = list(ProcessMessage.objects.order_by("pk").values_list("kind", "name", "correlation"))
    assert sent == [("message", "paid", "7"), ("signal", "storm", "")]
    for message in ProcessMessage.objects.all():
        services.deliver_message(message.pk)
    assert running.nodes() == ["ship"]
    assert running.row.variables["amount"] == 12


def test_the_first_event_behind_an_event_gateway_wins_and_closes_the_others(cast: Cast) -> None:
    body = '<bpmn:startEvent id="s"/><bpmn:eventBasedGateway id="first"/>' + catch("pay") + catch("wind", "signal")
    body += '<bpmn:intermediateCatchEvent id="time"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H'
    body += "</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    body += user_task("paid") + user_task("blown") + user_task("over")
    body += chain("s", "first", "pay", "paid") + chain("first", "wind", "blown") + chain("first", "time", "over")
    publish(with_messages(body, "race"))
    running = start("race", cast.agent, variables={"order": 1})
    assert Subscription.objects.filter(instance=running.id, closed_at=None).count() == 2
    assert send(correlation=1) == 1
    check_instance(running.id)
    assert running.nodes() == ["paid"]
    assert not Subscription.objects.filter(instance=running.id, closed_at=None).exists()
    assert running.row.timers.get().status == "cancelled"


def test_a_condition_that_becomes_true_interrupts(cast: Cast) -> None:
    body = '<bpmn:startEvent id="s"/>' + user_task("work") + user_task("chief")
    body += '<bpmn:boundaryEvent id="b" attachedToRef="work"><bpmn:conditionalEventDefinition>'
    body += "<bpmn:condition>amount &gt; 100</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:boundaryEvent>"
    body += catch("wait") + '<bpmn:parallelGateway id="p"/>' + chain("s", "p", "work") + chain("p", "wait")
    publish(with_messages(body + chain("b", "chief"), "condition"))
    running = start("condition", cast.agent, variables={"order": 1, "amount": 5})
    assert send(correlation=1, variables={"amount": 500}) == 1
    check_instance(running.id)
    assert running.nodes() == ["chief"]


def test_people_send_messages_only_with_the_right_to(cast: Cast) -> None:
    for person in (cast.agent, cast.outsider):
        with pytest.raises(NotPermitted):
            services.send_message("paid", by=person)
        with pytest.raises(NotPermitted):
            services.send_signal("storm", by=person)
    assert services.send_message("paid", by=cast.admin).pk
