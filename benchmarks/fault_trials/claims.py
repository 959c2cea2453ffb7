"""F3: many agents take the same steps at the same moment, somebody gives them out meanwhile, one ticket is saved twice."""

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

from fault_trials.house import House
from fault_trials.ledger import TICKETS, Answer, Caller
from fault_trials.trials import Outcome, Scale, register_trial


@register_trial(
    "F3",
    "Many agents claim the same steps at once, or claim what is being given out, or save one ticket twice:"
    " one wins each, the others are told who",
)
def act_at_once(house: House, scale: Scale, outcome: Outcome) -> None:
    claim_at_once(house, scale, outcome)
    claim_while_given_out(house, scale.of(20, 200), outcome)
    save_twice(house, scale.of(10, 100), outcome)


def claim_at_once(house: House, scale: Scale, outcome: Outcome) -> None:
    agents, count = scale.of(8, 32), scale.of(30, 500)
    tasks = open_tasks(house, count)
    port = house.web().port
    answers: dict[int, list[tuple[int, Answer]]] = {task: [] for task in tasks}
    together = threading.Barrier(agents)

    def be_agent(number: int) -> None:
        caller = Caller(port, house.secrets[number % len(house.secrets)])
        for task in tasks:
            together.wait()  # all of them at the same one
            answer = caller.send("POST", f"/api/v1/tasks/{task}/claim", {})
            answers[task].append((number, answer))

    threads = [threading.Thread(target=be_agent, args=[number]) for number in range(agents)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses: Counter[int] = Counter()
    for task, told in answers.items():
        statuses.update(answer.status for _number, answer in told)
        check_task(house, task, told, outcome)
    outcome.figures |= {"agents": agents, "steps": count}
    outcome.figures |= {f"answers {status}": number for status, number in sorted(statuses.items())}
    claims = house.number(
        "SELECT count(*) FROM core_auditentry WHERE verb = 'task.claimed' AND (data ->> 'task')::bigint = ANY(%(tasks)s)",
        {"tasks": tasks},
    )
    outcome.demand(claims == count, f"{claims} claims are journaled of {count} steps")


def check_task(house: House, task: int, told: list[tuple[int, Answer]], outcome: Outcome) -> None:
    holder = house.number("SELECT assignee_id FROM workflow_usertask WHERE id = %(task)s", {"task": task})
    persons = {person.pk: person for person in house.people}
    winners = {
        house.people[number % len(house.people)].pk for number, answer in told if answer.status == 200
    }  # one person's two programs may both be told so
    outcome.demand(winners == {holder}, f"step {task}: won by {winners}, held by {holder}")
    for number, answer in told:
        if answer.status == 409:
            outcome.demand(
                persons[holder].name in answer.json["title"], f"step {task}: the loser is told {answer.body!r}"
            )
        elif answer.status != 200:
            outcome.faults.append(f"step {task}: agent {number} got {answer.status} {answer.body[:200]!r}")


def at_the_same_moment(*acts: Callable[[], Answer]) -> list[Answer]:
    """What each of them is told."""
    together = threading.Barrier(len(acts))
    answers: dict[int, Answer] = {}

    def act(number: int) -> None:
        together.wait()
        answers[number] = acts[number]()

    threads = [threading.Thread(target=act, args=[number]) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(acts))]


def claim_while_given_out(house: House, count: int, outcome: Outcome) -> None:
    """One agent claims a step while it is given to another: whoever was faster, one person has it, and is told so."""
    agent, other = house.people[1], house.people[2]
    claiming, giving = (Caller(house.web().port, house.secrets[number]) for number in (1, 0))
    orders: Counter[str] = Counter()
    for task in open_tasks(house, count):
        claimed, given = at_the_same_moment(
            partial(claiming.send, "POST", f"/api/v1/tasks/{task}/claim", {}),
            partial(giving.send, "POST", f"/api/v1/tasks/{task}/reassign", {"to": other.username, "reason": "忙"}),
        )
        holder = house.number("SELECT assignee_id FROM workflow_usertask WHERE id = %(task)s", {"task": task})
        told = (claimed.status, given.status)
        orders[{(200, 200): "claimed first", (409, 200): "given out first"}.get(told, f"answers {told}")] += 1
        wanted = other.pk if given.status == 200 else agent.pk
        outcome.demand(set(told) <= {200, 409} and 200 in told, f"step {task}: {told} {claimed.body[:200]!r}")
        outcome.demand(holder == wanted, f"step {task}: answers {told}, held by {holder}")
        if claimed.status == 409:
            outcome.demand(other.name in claimed.json["title"], f"step {task}: the loser is told {claimed.body!r}")
    outcome.figures |= {f"claimed while given out: {name}": number for name, number in sorted(orders.items())}


def save_twice(house: House, count: int, outcome: Outcome) -> None:
    """Two windows of one person save the same version of a ticket: one of them is kept, the other is told so."""
    tabs = [Caller(house.web().port, house.secrets[0]) for _tab in range(2)]
    for number in range(count):
        ticket = tabs[0].send("POST", TICKETS, {**house.complaint, "title": f"两个窗口 {number}"})
        path, version = f"{TICKETS}/{ticket.json['number']}", ticket.headers.get("etag", "")
        answers = at_the_same_moment(
            *(
                partial(tab.send, "PATCH", path, {"title": f"窗口 {place}"}, version=version)
                for place, tab in enumerate(tabs)
            )
        )
        told = [answer.status for answer in answers]
        outcome.demand(sorted(told) in ([200, 409], [200, 412]), f"two windows: {told} {answers[0].body[:300]!r}")
        if 200 in told:
            kept = tabs[0].send("GET", path).json["title"]
            outcome.demand(kept == f"窗口 {told.index(200)}", f"two windows: {told}, kept is {kept!r}")
    outcome.figures["tickets saved in two windows"] = count


def open_tasks(house: House, count: int) -> list[int]:
    """Steps nobody has taken yet, each of a fresh ticket."""
    from onepoint.customers.models import Customer
    from onepoint.tickets import services
    from onepoint.tickets.models import Category
    from onepoint.workflow.models import UserTask

    customer = Customer.objects.get(number=house.complaint["customer"])
    category = Category.objects.get(code=house.complaint["category"])
    tasks = []
    for number in range(count):
        new = services.NewTicket(
            kind="complaint", category=category, title=f"谁先签收 {number}", channel="hotline", customer=customer
        )
        ticket = services.create_ticket(new, by=house.people[0])
        tasks.append(UserTask.objects.live().get(subject_type="ticket", subject_id=ticket.pk).pk)
    return tasks
