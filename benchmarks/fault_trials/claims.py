"""F3: many agents take the same steps at the same moment."""

import threading
from collections import Counter

from fault_trials.house import House
from fault_trials.ledger import Answer, Caller
from fault_trials.trials import Outcome, Scale, register_trial


@register_trial("F3", "Many agents claim the same steps at once: one wins each, the others are told who")
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
