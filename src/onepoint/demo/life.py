"""Lets the demo's people work: they register requests and act on their tasks through the services, at past moments.

A ticket's life is walked step by step until its process ends or the present is reached, so tickets opened lately stand
wherever their people have got to. Every life is one transaction known by its external number: loading can be repeated.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from onepoint.accounts.models import OrgUnit, User
from onepoint.accounts.queries import candidate_keys
from onepoint.channels import queries as channel_queries
from onepoint.channels import services as channel_services
from onepoint.channels.models import Contact
from onepoint.channels.states import Channel, ContactOutcome
from onepoint.core import clock
from onepoint.customers.models import Customer
from onepoint.demo.choices import Step
from onepoint.demo.customers import COMPANIES, FACTORIES, PEOPLE
from onepoint.demo.habits import Habits
from onepoint.demo.items import special_items
from onepoint.demo.reading import read
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.services.creation import NewTicket
from onepoint.tickets.states import TicketKind
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import UserTask

SOURCE = "demo"
TICKETS = 220
CONTACTS = 120
CUSTOMERS = PEOPLE + COMPANIES + FACTORIES
DAYS = 40
MACHINE_BRANCHES = ("machine_tools", "machine_service")
#: How often each branch of the category tree is complained about.
_BRANCH_WEIGHTS = {
    "broadband": 22, "mobile_data": 12, "mobile_voice": 9, "billing": 16, "plans": 9, "handling": 6, "service": 8,
    "value_added": 6, "television": 5, "fixed_line": 3, "security": 4, "enterprise": 4, "machine_tools": 10,
    "machine_service": 6,
}  # fmt: skip


@dataclass
class Life:
    """Everything one needs to let the demo's people act."""

    people: dict[str, User]
    units: dict[str, OrgUnit]
    seed: int
    chance: random.Random = field(init=False)
    _keys: dict[int, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._keys = {person.pk: frozenset(candidate_keys(person)) for person in self.people.values()}
        self._by_id = {person.pk: person for person in self.people.values()}
        self._customers = _customers_by_kind()
        self._leaves = _leaves_by_branch()
        self.choices = Habits(self.chance, self.people, self.units)

    def opening_moments(self, count: int) -> list[datetime]:
        """Moments over the last weeks, more of them in working hours and lately, in order."""
        now = timezone.localtime(clock.now())
        moments: list[datetime] = []
        while len(moments) < count:
            recent = self.chance.random() < 0.35
            days = self.chance.uniform(0, 1.4) if recent else min(self.chance.expovariate(1 / 8), DAYS)
            hour = self.chance.choices(range(24), [1] * 7 + [3, 8, 12, 12, 9, 6, 9, 11, 11, 10, 8, 6, 7, 7, 5, 3, 2])[0]
            moment = (now - timedelta(days=days)).replace(
                hour=hour, minute=self.chance.randrange(60), second=self.chance.randrange(60), microsecond=0
            )
            if moment < now - timedelta(minutes=20):
                moments.append(moment)
        return sorted(moments)

    # -- registering --------------------------------------------------------------------------------------------

    def register(self, number: int, moment: datetime) -> Ticket | None:
        """One customer's complaint becomes a ticket at ``moment``; None when an earlier loading already made it."""
        chance = self.chance
        branch = chance.choices(list(_BRANCH_WEIGHTS), list(_BRANCH_WEIGHTS.values()))[0]
        category = chance.choice(self._leaves[branch])
        machine = branch in MACHINE_BRANCHES
        customer = chance.choice(
            self._customers["machine" if machine else "enterprise" if branch == "enterprise" else "all"]
        )
        channel = chance.choices(
            [Channel.HOTLINE, Channel.HALL, Channel.ACCOUNT_MANAGER, Channel.EMAIL],
            [70, 12 if not machine else 0, 8, 10],
        )[0]
        agent = self._agent(machine, channel, customer)
        story = read("stories")[branch]
        place = customer.region.name
        title = chance.choice(read("stories")["titles"]).format(place=place, leaf=category.name)
        says = f"客户反映{category.name}。" + chance.choice(story["details"]).format(place=place)
        kind = self._kind(category)
        items = special_items(category, customer, moment.date(), chance)
        if Ticket.objects.filter(external_source=SOURCE, external_number=f"D{number:05d}").exists():
            return None
        account = customer.accounts.filter(is_primary=True).first()
        phone = account.value if account else ""
        with clock.at(moment):
            contact = channel_services.journal_contact(
                channel=channel, subject=title, content=says, customer=customer, caller_number=phone,
                caller_name=customer.name, category_code=category.code, started_at=moment - timedelta(minutes=6),
                ended_at=moment, by=agent,
            )  # fmt: skip
            ticket = ticket_services.create_ticket(
                NewTicket(
                    kind=kind, category=category, title=title, description=says, channel=channel, contact=contact,
                    customer=customer, contact_name=customer.name, contact_phone=phone, account=account,
                    asset=customer.assets.order_by("pk").first() if machine else None, special_items=items,
                    promised_reply_channel="phone", promised_reply_at=moment + timedelta(hours=24),
                    external_source=SOURCE, external_number=f"D{number:05d}",
                ),
                by=agent,
            )  # fmt: skip
            channel_services.link_ticket(contact, ticket_number=ticket.number, by=agent)
        return ticket

    def _kind(self, category: Category) -> str:
        kinds = category.kinds or [TicketKind.COMPLAINT]
        if TicketKind.COMPLAINT in kinds and self.chance.random() < 0.7:
            return TicketKind.COMPLAINT
        return self.chance.choice(kinds)

    def _agent(self, machine: bool, channel: str, customer: Customer) -> User:
        if machine:
            return self.people[self.chance.choice(("mt.agent", "mt.agent2"))]
        if channel == Channel.HALL and customer.unit and (clerk := self.people.get(f"{customer.unit.code}.clerk")):
            return clerk
        return self.people[f"agent{self.chance.randrange(1, 7)}"]

    def machine_customer(self) -> Customer:
        """Somebody who owns machine tools."""
        return self.chance.choice(self._customers["machine"])

    def journal_enquiry(self, moment: datetime) -> None:
        """A question answered at once: only journaled."""
        customer = self.chance.choice(self._customers["all"])
        account = customer.accounts.filter(is_primary=True).first()
        started = moment - timedelta(minutes=self.chance.randrange(1, 9))
        results = channel_queries.contact_results()
        with clock.at(moment):
            contact = channel_services.journal_contact(
                channel=Channel.HOTLINE, subject=self.chance.choice(read("stories")["enquiries"]), customer=customer,
                caller_number=account.value if account else "", caller_name=customer.name,
                started_at=started, ended_at=moment, by=self.people[f"agent{self.chance.randrange(1, 7)}"],
            )  # fmt: skip
            result = results[contact.pk % len(results)] if results else None
            channel_services.solve_contact(contact, result=result, by=contact.agent)

    # -- working ------------------------------------------------------------------------------------------------

    def work_until_now(self, ticket: Ticket, opened: datetime) -> None:
        """Let people act on the ticket's tasks one after another until its process ends or the present is reached."""
        limit = clock.now() - timedelta(minutes=2)
        moment = opened
        for _ in range(40):
            # Also those of processes the ticket's own one calls.
            alive = UserTask.objects.live().filter(subject_type="ticket", subject_id=ticket.pk)
            tasks = list(alive.select_related("instance").order_by("pk"))
            if not tasks:
                return
            moment += self._pause()
            if moment > limit:
                self._perhaps_claim(tasks, limit)
                return
            with clock.at(moment):
                self._act(ticket, self.chance.choice(tasks))

    def _pause(self) -> timedelta:
        minutes = min(self.chance.lognormvariate(5.5, 1.2), 5 * 24 * 60)
        return timedelta(minutes=minutes + 3)

    def _perhaps_claim(self, tasks: Sequence[UserTask], moment: datetime) -> None:
        for task in tasks:
            person = self._person_for(task)
            if task.assignee_id is None and person and self.chance.random() < 0.35:
                with clock.at(moment):
                    workflow_services.claim_task(task, by=person)

    def _person_for(self, task: UserTask) -> User | None:
        if task.assignee_id:
            return self._by_id.get(task.assignee_id)
        wanted = set(task.candidate_keys)
        able = [one for one in self.people.values() if wanted & self._keys[one.pk] and one.may("ticket.view")]
        local = [person for person in able if person.username != "crisis"]
        return self.chance.choice(local or able) if able else None

    def _act(self, ticket: Ticket, task: UserTask) -> None:
        person = self._person_for(task)
        if person is None:
            return
        branch = ticket.category.parent.code if ticket.category.parent else ticket.category.code
        decision = self.choices.decide(Step(task, person, ticket, branch))
        workflow_services.complete_task(
            task, outcome=decision.outcome, inputs=decision.inputs, opinion=decision.opinion, by=person
        )


def _customers_by_kind() -> dict[str, list[Customer]]:
    # Those the demo made; in a house that was filled up further there are many more.
    customers = list(Customer.objects.select_related("region", "unit", "level").order_by("pk")[:CUSTOMERS])
    machine = [customer for customer in customers if customer.unit and customer.unit.code == "mt"]
    others = [customer for customer in customers if not (customer.unit and customer.unit.code == "mt")]
    return {
        "machine": machine,
        "all": others,
        "enterprise": [customer for customer in others if customer.kind == "company"] or others,
    }


def _leaves_by_branch() -> dict[str, list[Category]]:
    leaves: dict[str, list[Category]] = {}
    for category in Category.objects.exclude(parent=None).select_related("parent", "default_severity").order_by("pk"):
        if category.parent:
            leaves.setdefault(category.parent.code, []).append(category)
    return leaves


def is_whole() -> bool:
    """Whether every ticket of the demo is there already."""
    return Ticket.objects.filter(external_source=SOURCE).exclude(external_number="").count() >= TICKETS


def load_life(people: dict[str, User], units: dict[str, OrgUnit], seed: int, tick: Callable[[], None]) -> None:
    """Journal the enquiries and let all tickets live; calls ``tick`` after each."""
    if is_whole():
        return
    life = Life(people, units, seed)
    for number, moment in enumerate(life.opening_moments(TICKETS), start=1):
        with transaction.atomic():
            ticket = life.register(number, moment)
            if ticket is not None:
                life.work_until_now(ticket, moment)
        tick()
    with transaction.atomic():
        already = Contact.objects.filter(outcome=ContactOutcome.SOLVED).exists()
        for moment in life.opening_moments(CONTACTS):
            if not already:
                life.journal_enquiry(moment)
            tick()
