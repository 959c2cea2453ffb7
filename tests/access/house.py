"""A furnished house with the same things in East and in West, for walking every address from inside and outside."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver
from PIL import Image

from cast import Cast
from onepoint.accounts import services as accounts
from onepoint.accounts.models import (
    Appointment,
    Delegation,
    Position,
    Role,
    RoleGrant,
    Roster,
    SavedFilter,
    Shift,
    User,
)
from onepoint.assignment import services as assignment
from onepoint.assignment.models import Queue
from onepoint.channels import services as channels
from onepoint.channels.models import (
    ChatSession,
    Contact,
    ContactResult,
    CounterNumber,
    Gateway,
    IncomingMail,
    IncomingScan,
    IncomingText,
    Mailbox,
    OutgoingMessage,
    ScanSource,
)
from onepoint.channels.services import chats, mailboxes
from onepoint.channels.states import Medium, TextState
from onepoint.core import attachments, clock
from onepoint.core.models import Attachment, Export
from onepoint.customers import services as customers
from onepoint.customers.models import Asset, ContactPerson, Customer, CustomerAccount, CustomerLevel
from onepoint.customers.services import NewAccount
from onepoint.dynamic_forms import services as forms
from onepoint.dynamic_forms.models import FormVersion
from onepoint.follow_ups import services as follow_ups
from onepoint.follow_ups.models import FollowUp, Questionnaire, ReplyRule, RiskWord, VisitRule
from onepoint.grants import services as grants
from onepoint.grants.models import Authority, Grant, GrantKind
from onepoint.notifications import services as notifications
from onepoint.notifications.models import Conversation, Notification
from onepoint.quality import services as quality
from onepoint.quality.models import (
    CaseMeeting,
    CoachingCase,
    ExpertLevel,
    HiddenRisk,
    Inspection,
    Mark,
    Rectification,
    SamplingDraw,
    SamplingPlan,
    Scorecard,
    Scoring,
    Training,
)
from onepoint.quality.queries.standard import codes_for
from onepoint.quality.services import coaching, ladder, planning, scorecards
from onepoint.quality.services.risk_kinds import load_risk_kinds
from onepoint.regulators import services as regulators
from onepoint.regulators.models import Regulator, RegulatorCase
from onepoint.regulators.services import NewCase, RegulatorItems
from onepoint.sla.models import BusinessCalendar, ClockPolicy
from onepoint.sla.services import calendars, clock_policies
from onepoint.tickets import services as tickets
from onepoint.tickets.models import BatchRun, Category, MassIncident, Ticket
from onepoint.tickets.states import TicketKind
from onepoint.workflow.models import Incident, UserTask
from onepoint.workspace.models import Arrival

#: Raw values that must never reach somebody without the right to them; each stands in several places.
PHONE, SPOKEN_PHONE = "13912345678", "139 1234 5678"
IDENTITY = "330106198001011234"
ADDRESS = "文三路一百二十三号"
MAIL = "wang.xiaoming@example.com"
RAW = (PHONE, SPOKEN_PHONE, IDENTITY, ADDRESS, MAIL)


@dataclass
class Side:
    """One city's things."""

    customer: Customer
    account: CustomerAccount
    asset: Asset
    contact_person: ContactPerson
    contact: Contact
    contact_file: Attachment
    ticket: Ticket
    task: UserTask
    file: Attachment
    incident: Incident
    person: User
    position: Position
    appointment: Appointment
    grant: RoleGrant
    roster: Roster
    shift: Shift
    delegation: Delegation
    export: Export  # of somebody else than those who walk
    saved_filter: SavedFilter  # likewise
    batch: BatchRun  # likewise
    mass_incident: MassIncident
    notice: Notification  # likewise
    conversation: Conversation  # likewise
    message: OutgoingMessage
    promised: Grant
    case: RegulatorCase
    case_file: Attachment
    text: IncomingText
    mail: IncomingMail  # nobody could file it
    mail_file: Attachment
    ticket_mail: IncomingMail
    ticket_mail_file: Attachment
    counter_number: CounterNumber
    scan: IncomingScan
    chat: ChatSession
    queue: Queue
    visit: FollowUp
    mark: Mark  # of other people than those who walk
    rectification: Rectification  # likewise
    risk: HiddenRisk  # likewise
    risk_file: Attachment
    inspection: Inspection
    scoring: Scoring
    meeting: CaseMeeting
    training: Training


@dataclass
class House:
    cast: Cast
    east: Side
    west: Side
    category: Category
    form: FormVersion
    level: CustomerLevel
    gateway: Gateway
    mailbox: Mailbox
    scan_source: ScanSource
    contact_result: ContactResult
    arrival: Arrival  # at somebody else than those who walk
    calendar: BusinessCalendar
    clock_policy: ClockPolicy
    visit_rule: VisitRule
    risk_word: RiskWord
    reply_rule: ReplyRule
    coaching_case: CoachingCase
    expert_level: ExpertLevel

    @property
    def sides(self) -> dict[str, Side]:
        return {"east": self.east, "west": self.west}


def promise(ticket: Ticket, by: User) -> Grant:
    """Something granted on the spot, with its audit in the queue."""
    kind = GrantKind.objects.filter(code="refund").first() or grants.create_kind(code="refund", name="退费", by=None)
    role = Role.objects.get(code="agent")
    if not Authority.objects.exists():
        grants.create_authority(grants.AuthorityItems(role=role, kind=kind, amount=Decimal(100)), by=None)
    new = grants.NewGrant(
        key=uuid4(),
        kind=kind,
        amount=Decimal(20),
        reason=f"回电 {SPOKEN_PHONE}",
        customer=ticket.customer,
        ticket=ticket,
    )
    return grants.give_grant(new, by=by)


def begin_chat(staff: User) -> dict[str, Any]:
    """A visitor who waits in a queue of that city; somebody there who has been ready for it."""
    queue = assignment.create_queue(code=f"q-{staff.username}", name="在线客服", units=[staff.unit], by=None)
    chat = chats.begin_chat(
        request_key=uuid4(), queue=queue, name="王小明", phone=PHONE, question=f"回电 {SPOKEN_PHONE}", by=None
    )
    assignment.end_work(staff, by=None)
    return {"queue": queue, "chat": chat}


def plan_visit(ticket: Ticket) -> FollowUp:
    """A return visit by telephone that is due, about a ticket of that city."""
    follow_ups.load_presets(by=None)
    now = clock.now()
    sheet = Questionnaire.objects.get(code="complaint_visit").versions.get()
    return FollowUp.objects.create(
        ticket=ticket, closing_number=1, customer=ticket.customer, region=ticket.region, audience=ticket.audience,
        way="phone", questionnaire=sheet, made_at=now, due_at=now, expires_at=now + timedelta(days=7),
        words=f"回电 {SPOKEN_PHONE}",
    )  # fmt: skip


def coach(staff: User) -> dict[str, Any]:
    """A case meeting and training of somebody of that city, led by nobody who walks."""
    admin = User.objects.get(username="deputy")
    meeting = coaching.MeetingItems(topic="案例会", unit=staff.unit, held_at=clock.now(), leader=admin, people=[staff])
    training = coaching.TrainingItems(person=staff, topic="录入规范", due_on=clock.today())
    if not ExpertLevel.objects.exists():
        ladder.create_level(code="novice", name="新手", rank=1, by=None)
        coaching.create_case(coaching.CaseItems(title="案例", story="经过"), by=None)
    return {"meeting": coaching.plan_meeting(meeting, by=None), "training": coaching.plan_training(training, by=None)}


def draw(ticket: Ticket) -> dict[str, Any]:
    """A ticket of that city drawn for inspection, to be scored by anybody who may."""
    items = [{"name": "记录完整", "type": "scale", "weight": 100}]
    card = Scorecard.objects.first() or scorecards.create_scorecard(
        code="record", name="录入", about="record", items=items, by=None
    )
    if card.versions.filter(state="draft").exists():
        scorecards.publish_scorecard(card, by=None)
    items_of_plan = planning.PlanItems(scorecard=card, name="抽检", bans_own_unit=False)
    plan = SamplingPlan.objects.first() or planning.create_plan(items_of_plan, by=None)
    now = clock.now()
    made = SamplingDraw.objects.create(
        plan=plan, period=f"{ticket.pk}", begins_at=now, ends_at=now, seed="", rules={}, drawn_at=now
    )
    inspection = Inspection.objects.create(
        draw=made, plan=plan, version=card.versions.get(), ticket=ticket, person=ticket.created_by, unit=ticket.unit,
        region=ticket.region, customer_level=ticket.customer_level, drawn_at=now, words=f"回电 {SPOKEN_PHONE}",
    )  # fmt: skip
    return {"inspection": inspection, "scoring": Scoring.objects.create(inspection=inspection, made_at=now)}


def judge(ticket: Ticket, person: User, marker: User) -> dict[str, Any]:
    """Somebody's work on a ticket of that city judged, and what has to be put right because of it."""
    quality.load_standard(by=None)
    code, now, spoken = codes_for("back_on_front")[0], clock.now(), f"回电 {SPOKEN_PHONE}"
    place = {"unit": ticket.unit, "region": ticket.region}
    mark = Mark.objects.create(
        number=f"PD{ticket.pk}", ticket=ticket, code=code, direction="back_on_front", points=code.points, person=person,
        marked_by=marker, marked_at=now, appeal_due_at=now + timedelta(days=3), words=spoken, **place,
    )  # fmt: skip
    rectification = Rectification.objects.create(
        number=f"ZG{ticket.pk}", key=uuid4(), title=spoken, owner=person, asked_by=marker, asked_at=now,
        due_at=now + timedelta(days=3), **place,
    )  # fmt: skip
    rectification.marks.add(mark)
    return {"mark": mark, "rectification": rectification}


def find_risk(ticket: Ticket) -> dict[str, Any]:
    """A hidden risk in the ticket's place, with a file."""
    load_risk_kinds(by=None)
    risk = HiddenRisk.objects.create(
        number=f"YH{ticket.pk}", request_key=uuid4(), kind_id="network", title=f"{PHONE} 井盖破损", words=f"回电 {SPOKEN_PHONE}",
        place=SPOKEN_PHONE, ticket=ticket, region=ticket.region, raised_unit=ticket.unit, raised_at=clock.now(),
        audience=[f"R{ticket.region_id}", f"U{ticket.unit_id}"],
    )  # fmt: skip
    file = attachments.store_file(
        SimpleUploadedFile("现场.txt", "内容".encode()), subject_type="hidden_risk", subject_id=risk.pk, by=None
    )
    return {"risk": risk, "risk_file": file}


def hand_over(ticket: Ticket, by: User) -> dict[str, Any]:
    """A case of a regulator in the ticket's place, with a file."""
    regulator = Regulator.objects.first() or regulators.create_regulator(
        "appeals", RegulatorItems(name="申诉中心", report_hours=0), by=None
    )
    new = NewCase(
        request_key=uuid4(), regulator=regulator, case_number=f"鄂申{ticket.pk}", received_at=clock.now(),
        subject=f"{PHONE} 投诉", content=f"回电 {SPOKEN_PHONE}", contact_phone=PHONE, ticket=ticket, region=ticket.region,
        files=[SimpleUploadedFile("转办函.txt", "内容".encode())],
    )  # fmt: skip
    case = regulators.register_case(new, by=None)
    return {"case": case, "case_file": Attachment.objects.get(subject_type="regulator_case", subject_id=case.pk)}


def receive_mails(ticket: Ticket, staff: User) -> dict[str, Any]:
    """A mail that waits for review and one on the ticket, each with a file; both tell numbers and addresses."""
    found: dict[str, Any] = {}
    for name, number in (("mail", ""), ("ticket_mail", ticket.number)):
        raw = (
            f"From: {MAIL}\r\nSubject: {PHONE}\r\nMessage-ID: <{name}-{staff.pk}@example.com>\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n回电 {SPOKEN_PHONE}\r\n"
        ).encode()
        row = IncomingMail.objects.create(
            fingerprint=f"{name}-{staff.pk}", sender=MAIL, subject=PHONE, ticket_number=number, quoted=SPOKEN_PHONE,
            state="filed" if number else "quarantined", reason="" if number else "no_ticket",
            audience=[f"R{staff.unit.region_id}"], received_at=clock.now(),
        )  # fmt: skip
        row.raw = attachments.store_original(
            raw, "mail.eml", "message/rfc822", subject_type="incoming_mail", subject_id=row.pk
        )
        row.save()
        found[name] = row
        found[f"{name}_file"] = attachments.store_received(
            b"abc", "a.txt", subject_type="incoming_mail", subject_id=row.pk
        )
    return found


def furnish_side(cast: Cast, categories: dict[str, Category], by: User, staff: User) -> Side:
    """Customer, contact, ticket and so on of the city of ``by``; ``staff`` is somebody who works there."""
    region = by.unit.region
    customer = customers.create_customer(
        by=by, name="王小明", name_en="Wang Xiaoming", region=region, unit=by.unit, id_number=IDENTITY,
        address=f"杭州市西湖区{ADDRESS}", note=f"打 {PHONE} 找他", despite_duplicates=True,
        accounts=[NewAccount(PHONE), NewAccount(MAIL, "email")],
    )  # fmt: skip
    asset = customers.add_asset(customer, by=by, product="数控车床", serial_number="CK-1", address=ADDRESS)
    person = customers.add_contact_person(customer, by=by, name="李夫人", phone=SPOKEN_PHONE, email=MAIL)
    contact = channels.journal_contact(
        by=by, channel="hotline", subject=f"{PHONE} 无法上网", content=f"回电 {SPOKEN_PHONE},证件 {IDENTITY}",
        customer=customer, caller_number=PHONE,
    )  # fmt: skip
    ticket = tickets.create_ticket(
        tickets.NewTicket(
            kind=TicketKind.COMPLAINT, category=categories["bl_high"], title=f"{PHONE} 话费突然多了两百元",
            description=f"请回电 {SPOKEN_PHONE} 或 {MAIL},身份证 {IDENTITY}", channel="hotline", customer=customer,
            contact=contact, contact_name="王小明", contact_phone=SPOKEN_PHONE,
            account=customer.accounts.order_by("pk").first(),
        ),
        by=by,
    )  # fmt: skip
    file = tickets.add_attachment(ticket, SimpleUploadedFile("账单.txt", "内容".encode()), by=by)
    position = Position.objects.create(unit=staff.unit, name="值班")
    return Side(
        customer=customer,
        account=customer.accounts.order_by("pk").first(),
        asset=asset,
        contact_person=person,
        contact=contact,
        contact_file=attachments.store_file(
            SimpleUploadedFile("来信.txt", "内容".encode()), subject_type="contact", subject_id=contact.pk, by=by
        ),
        ticket=ticket,
        task=UserTask.objects.live().get(subject_type="ticket", subject_id=ticket.pk),
        file=file,
        incident=Incident.objects.create(
            instance_id=ticket.process_instance_id,
            node_id="coordinate",
            code="test",
            message="",
            created_at=ticket.opened_at,
        ),
        person=staff,
        position=position,
        appointment=accounts.appoint_person(staff, position=position, by=None),
        grant=RoleGrant.objects.filter(user=staff).first(),
        promised=promise(ticket, by),
        **hand_over(ticket, by),
        visit=plan_visit(ticket),
        **judge(ticket, cast.deputy, cast.second_agent),
        **find_risk(ticket),
        **draw(ticket),
        **coach(staff),
        **receive_mails(ticket, staff),
        **furnish_aside(cast, staff),
    )


def _picture(colour: int) -> bytes:
    made = BytesIO()
    Image.new("RGB", (8, 8), (colour % 256, 0, 0)).save(made, "PNG")
    return made.getvalue()


def furnish_aside(cast: Cast, staff: User) -> dict[str, Any]:
    """What stands beside the daily work: a roster, an absence, and somebody's own files and filters."""
    roster = accounts.create_roster(code=f"roster-{staff.username}", name="夜班", unit=staff.unit, by=None)
    begins = clock.now() + timedelta(days=1)
    return {
        "roster": roster,
        "shift": accounts.add_shift(roster, name="夜", starts=time(20), ends=time(8), by=None),
        "delegation": accounts.delegate_work(
            staff, deputy=cast.deputy, starts_at=begins, ends_at=begins + timedelta(days=1), by=None
        ),
        "export": Export.objects.create(
            actor_id=cast.deputy.pk, list_code="tickets", language="zh-hans", file_format="csv", asked_at=begins
        ),
        "mass_incident": MassIncident.objects.create(
            number=f"MI{staff.pk:08}",
            title="群诉",
            since=begins,
            declared_at=begins,
            audience=[f"R{staff.unit.region_id}"],
        ),
        "batch": BatchRun.objects.create(
            verb="tag", started_by=cast.deputy, language="zh-hans", started_at=begins, moved_at=begins
        ),
        "saved_filter": SavedFilter.objects.create(
            owner=cast.deputy, list_code="tickets", name=staff.username, changed_at=begins
        ),
        "message": channels.send_message(
            Medium.SMS,
            f"+86{PHONE}",
            key=staff.username,
            text=f"回电 {SPOKEN_PHONE}",
            subject=MAIL,
            by=None,
            audience=[f"R{staff.unit.region_id}"],
        ),
        **begin_chat(staff),
        "counter_number": channels.take_number(
            channels.save_counter_queue(None, unit=staff.unit, name="综合", prefix="A", by=None), name=PHONE, by=None
        ),
        "scan": channels.take_in_scan(
            SimpleUploadedFile("fax.png", _picture(staff.pk)),
            channel="fax",
            unit=staff.unit,
            sender_number=PHONE,
            by=None,
        ),
        "text": IncomingText.objects.create(
            sender=PHONE,
            sender_key=f"+86{PHONE}",
            text=f"回电 {SPOKEN_PHONE}",
            state=TextState.UNMATCHED,
            audience=[f"R{staff.unit.region_id}"],
            received_at=begins,
        ),
        "conversation": notifications.open_conversation([cast.deputy], title=staff.username, by=cast.billing_interface),
        "notice": Notification.objects.create(
            person=cast.deputy, event="task.reminded", key=staff.username, created_at=begins
        ),
    }


def furnish(cast: Cast, categories: dict[str, Category], form: FormVersion) -> House:
    """Everything the table of addresses points at."""
    accounts.create_group(code="crisis", name="危机处理组", by=None)
    accounts.create_region(code="lonely", name="孤县", by=None)
    Role.objects.create(code="clerk", name="办事员", permissions=["desk.use"])
    forms.draft_version(form.definition, schema=form.schema, by=None)
    return House(
        cast,
        furnish_side(cast, categories, cast.agent, cast.handler),
        furnish_side(cast, categories, cast.outsider, cast.outsider),
        category=categories["bl_high"],
        form=form,
        arrival=Arrival.objects.create(agent=cast.second_agent, number=PHONE, at=clock.now()),
        contact_result=channels.create_contact_result(code="answered", name="已答复", by=None),
        scan_source=channels.save_scan_source(
            None, name="传真", folder="fax", channel="fax", unit=cast.call_centre, is_active=False, by=None
        ),
        mailbox=mailboxes.create_mailbox(
            values={
                "name": "客服",
                "address": "a@mail.example",
                "host": "mail.invalid",
                "username": "a",
                "unit": cast.call_centre,
                "creates_tickets": False,
            },
            password="geheim",
            is_active=False,
            by=None,
        ),
        gateway=channels.create_gateway(
            provider="smtp",
            name="邮件",
            settings={"host": "mail.example", "port": 25, "sender": "a@mail.example", "encryption": "tls"},
            by=None,
        ),
        level=CustomerLevel.objects.create(code="gold", name="金卡", rank=3),
        calendar=calendars.create_calendar(name="办公", week=[[{"from": "08:30", "to": "17:30"}]] * 7, by=None),
        clock_policy=clock_policies.create_clock_policy(
            name="十五日答复", kind="statutory", limit=timedelta(days=15), by=None
        ),
        visit_rule=VisitRule.objects.all()[0],
        risk_word=RiskWord.objects.all()[0],
        reply_rule=ReplyRule.objects.all()[0],
        coaching_case=CoachingCase.objects.all()[0],
        expert_level=ExpertLevel.objects.all()[0],
    )


@dataclass(frozen=True)
class Route:
    """One address of the URL conf."""

    name: str  # with its namespace
    pattern: str
    is_api: bool


def routes(patterns: list[Any] | None = None, prefix: str = "", space: str = "") -> Iterator[Route]:
    """Every address there is."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from routes(entry.url_patterns, pattern, inner)
        elif isinstance(entry, URLPattern):
            yield Route(f"{space}{entry.name or ''}", pattern, pattern.startswith("api/"))
