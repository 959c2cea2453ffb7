"""The table the access test walks: for every address, who may use it and what it is about.

A new route needs one entry here, or the test fails and says so:

    "ticket-split": Address("ticket.edit", TICKET),

- ``permission``: what opening it needs; several with ``|`` mean any of them, none means everybody with a login.
- ``place``: what it is about, with the arguments of its URL; ``None`` (the default) where it is about no row in scope.
- ``act``: what a POST needs beyond that, where it differs.
- ``further``: rules beside permission and scope (state, who registered it …) may refuse it even then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from access.house import House, Side


@dataclass(frozen=True)
class Place:
    """A kind of thing with a scope. ``seen_by`` says, independently of the code, which sides each role sees."""

    arguments: Callable[[Side], list[Any]]
    seen_by: dict[str, str]  # person of the cast → "east", "west" or "east west"; nobody else sees any

    def with_more(self, arguments: Callable[[Side], list[Any]]) -> "Place":
        """A thing that belongs to this one."""
        return Place(lambda side: [*self.arguments(side), *arguments(side)], self.seen_by)


@dataclass(frozen=True)
class Address:
    permission: str = ""
    place: Place | None = None
    arguments: Callable[[House], list[Any]] | None = None  # of an address about something without scope
    act: str = ""
    further: bool = False
    query: str = ""


_EAST = "agent coordinator visitor supervisor".split()
TICKET = Place(
    lambda side: [side.ticket.number], dict.fromkeys(_EAST, "east") | {"admin": "east west", "outsider": "west"}
)
TASK = TICKET.with_more(lambda side: [side.task.pk])
FILE = TICKET.with_more(lambda side: [side.file.pk])
VISIT = Place(lambda side: [side.visit.pk], {"visitor": "east", "supervisor": "east", "admin": "east west"})
INSPECTION = Place(lambda side: [side.inspection.pk], {"supervisor": "east", "admin": "east west"})
SCORING = Place(lambda side: [side.scoring.pk], INSPECTION.seen_by)
# The interface person's deputy leads the meetings; whoever is asked to one, or is to learn something, sees it too.
MEETING = Place(lambda side: [side.meeting.pk], {"handler": "east", "supervisor": "east", "outsider": "west"})
TRAINING = Place(lambda side: [side.training.pk], MEETING.seen_by)
INSTANCE = Place(lambda side: [side.ticket.process_instance_id], TICKET.seen_by)
CUSTOMER = Place(
    lambda side: [side.customer.number], dict.fromkeys(_EAST, "east") | {"admin": "east west", "outsider": "west"}
)
BELONGING = CUSTOMER.with_more(lambda side: ["accounts", side.account.pk])
MESSAGE = Place(lambda side: [side.message.pk], {"admin": "east west"})
CHAT = Place(lambda side: [side.chat.pk], {"supervisor": "east", "admin": "east west"})
CHAT_FILE = CHAT.with_more(lambda side: [999_999])
AGENT = Place(lambda side: [side.person.username], {"supervisor": "east", "admin": "east west"})
CONTACT = Place(lambda side: [side.contact.number], dict.fromkeys(_EAST, "east") | {"outsider": "west"})
_AT_COUNTER = {"agent": "east", "outsider": "west"}
HALL = Place(lambda side: [side.counter_number.queue_id], _AT_COUNTER)
NUMBER = Place(lambda side: [side.counter_number.pk], _AT_COUNTER)
LINE = Place(lambda side: [side.counter_number.queue_id], {"admin": "east west"})
SCAN = Place(lambda side: [side.scan.pk], _AT_COUNTER)
TEXT = Place(lambda side: [side.text.pk], {"agent": "east", "outsider": "west"})
E_MAIL = Place(lambda side: [side.mail.pk], {"agent": "east", "admin": "east west", "outsider": "west"})
TICKET_MAIL = TICKET.with_more(lambda side: [side.ticket_mail.pk])
#: What a customer was granted, with the audit of it.
PROMISED = Place(
    lambda side: [side.promised.number],
    {"agent": "east", "coordinator": "east", "supervisor": "east", "outsider": "west"},
)
CASE = Place(lambda side: [side.case.number], {"coordinator": "east", "outsider": "west"})
MARK = Place(lambda side: [side.mark.number], {"supervisor": "east", "admin": "east west"})
RISK = Place(
    lambda side: [side.risk.number],
    {"agent": "east", "coordinator": "east", "supervisor": "east", "admin": "east west", "outsider": "west"},
)
RISK_FILE = RISK.with_more(lambda side: [side.risk_file.pk])
RECTIFICATION = Place(lambda side: [side.rectification.number], MARK.seen_by)
RUNNING = Place(lambda side: [side.ticket.process_instance_id], {"admin": "east west"})
INCIDENT = Place(lambda side: [side.incident.pk], {"admin": "east west"})
UNIT = Place(lambda side: [side.person.unit.code], {"supervisor": "east", "admin": "east west"})
POSITION = UNIT.with_more(lambda side: [side.position.pk])
PERSON = Place(lambda side: [side.person.username], UNIT.seen_by)
APPOINTMENT = PERSON.with_more(lambda side: [side.appointment.pk])
GRANT = PERSON.with_more(lambda side: [side.grant.pk])

DELEGATION = PERSON.with_more(lambda side: [side.delegation.pk])
ROSTER = Place(
    lambda side: [side.roster.code],
    {"handler": "east", "supervisor": "east", "admin": "east west", "outsider": "west"},
)
SHIFT = ROSTER.with_more(lambda side: [side.shift.pk])
#: Somebody's own things: nobody who walks may know of them.
EXPORT = Place(lambda side: [side.export.pk], {})
BATCH = Place(lambda side: [side.batch.pk], {})
MASS_INCIDENT = Place(
    lambda side: [side.mass_incident.number],
    dict.fromkeys("agent coordinator visitor supervisor".split(), "east") | {"admin": "east west", "outsider": "west"},
)
FILTER = Place(lambda side: [side.saved_filter.pk], {})
CONVERSATION = Place(lambda side: [side.conversation.pk], {})
NOTICE = Place(lambda side: [side.notice.pk], {})


def every(names: str, *more: Any, **options: Any) -> dict[str, Address]:
    """The same entry for several addresses."""
    return {name: Address(*more, **options) for name in names.split()}


ADDRESSES: dict[str, Address] = {
    # one's own
    **every("profile password-change session-list session-end-others unit-options person-options"),
    **every("second-factor second-factor-set-up"),
    **every("second-factor-codes second-factor-remove", further=True),
    "session-end": Address(arguments=lambda house: [999_999], further=True),
    # the matrix
    "matrix": Address("organisation.view"),
    "matrix-platforms": Address("organisation.manage", further=True),
    "axis-create": Address("organisation.manage", arguments=lambda house: ["lines"], further=True),
    "axis-change": Address("organisation.manage", arguments=lambda house: ["lines", "none"], further=True),
    # people, units
    **every("person-list unit-list region-list role-list group-list", "organisation.view"),
    "person-create": Address("person.manage"),
    "person-detail": Address("organisation.view", PERSON),
    **every(
        "person-change person-deactivate person-reactivate person-reset-password person-lift-lock-out "
        "person-end-sessions person-appoint person-grant-role", "person.manage", PERSON, further=True,
    ),
    **every("appointment-end appointment-first", "person.manage", APPOINTMENT),
    "person-revoke-role": Address("person.manage", GRANT),
    "person-reset-second-factor": Address("person.manage", PERSON, further=True),
    "unit-create": Address("organisation.manage"),
    **every("unit-detail unit-branch", "organisation.view", UNIT),
    **every(
        "unit-change unit-move unit-deactivate unit-reactivate unit-interface-people position-create",
        "organisation.manage", UNIT, further=True,
    ),
    **every("position-change position-close position-reopen", "organisation.manage", POSITION, further=True),
    **every("region-detail region-branch", "organisation.view", arguments=lambda house: ["lonely"]),
    "region-create": Address("organisation.manage"),
    **every(
        "region-change region-move region-deactivate region-reactivate", "organisation.manage",
        arguments=lambda house: ["lonely"], further=True,
    ),
    "role-detail": Address("organisation.view", arguments=lambda house: ["clerk"]),
    "role-create": Address("role.manage"),
    "role-fields": Address("organisation.view", arguments=lambda house: ["clerk"]),
    **every("role-deactivate role-reactivate", "role.manage", arguments=lambda house: ["clerk"], further=True),
    "group-detail": Address("organisation.view", arguments=lambda house: ["crisis"]),
    "group-create": Address("organisation.manage"),
    **every(
        "group-change group-deactivate group-reactivate group-add-member", "organisation.manage",
        arguments=lambda house: ["crisis"], further=True,
    ),
    "group-remove-member": Address("organisation.manage", arguments=lambda house: ["crisis", "handler"], further=True),
    "login-policy": Address("role.manage"),
    "audit-list": Address("audit.view"),
    # customers
    **every("customer-list customer-options customer-duplicates"),
    "customer-create": Address("customer.create"),
    **every("customer-level-list", "customer_level.manage"),
    # time
    "clock-policy-list": Address("clock_policy.view"),
    "clock-policy-detail": Address("clock_policy.view", arguments=lambda house: [house.clock_policy.pk], act="clock_policy.change"),
    **every("clock-policy-create clock-policy-presets", "clock_policy.change"),
    **every("calendar-list calendar-holidays calendar-changes", "calendar.view"),
    "calendar-assignments": Address("calendar.view", act="calendar.change"),
    "calendar-detail": Address("calendar.view", arguments=lambda house: [house.calendar.pk]),
    "calendar-create": Address("calendar.change"),
    "calendar-year-fill": Address("calendar.change", further=True),
    **every(
        "calendar-edit calendar-delete calendar-default calendar-days-set calendar-year-copy", "calendar.change",
        arguments=lambda house: [house.calendar.pk], further=True,
    ),
    "calendar-day-remove": Address("calendar.change", arguments=lambda house: [house.calendar.pk, 999_999], further=True),
    "calendar-withdraw": Address("calendar.change", arguments=lambda house: [999_999], further=True),
    **every("retention-list", "retention.manage"),
    "retention-change": Address("retention.manage", arguments=lambda house: ["ticket"]),
    "customer-level-edit": Address("customer_level.manage", arguments=lambda house: [house.level.pk]),
    **every("customer-detail customer-history customer-relations", "customer.view", CUSTOMER),
    "customer-copy": Address("customer.copy_data", CUSTOMER, further=True),
    "customer-erasure": Address("customer.erase|customer.confirm_erasure|customer.hold", CUSTOMER, act="customer.erase", further=True),
    **every("customer-erasure-confirm customer-erasure-refuse", "customer.confirm_erasure", CUSTOMER, further=True),
    "customer-hold": Address("customer.hold", CUSTOMER, further=True),
    **every("customer-place customer-take-out", "customer.edit", CUSTOMER, further=True),
    "customer-pair-list": Address("customer.merge"),
    **every("customer-pair-apart customer-pair-again customer-merge-undo", "customer.merge",
            arguments=lambda house: [999_999], further=True),
    "customer-merge-choose": Address("customer.merge", CUSTOMER, further=True),
    "customer-merge": Address("customer.merge", CUSTOMER.with_more(lambda side: [side.customer.number]), further=True),
    "attention-list": Address("attention.view"),
    "customer-erasure-list": Address("customer.confirm_erasure"),
    "attention-add": Address("attention.manage", CUSTOMER, further=True),
    **every("attention-edit attention-remove", "attention.manage", arguments=lambda house: [999_999], further=True),
    "customer-import-list": Address("customer.import"),
    **every("customer-import-detail customer-import-mapping", "customer.import", arguments=lambda house: [999_999],
            further=True),
    "customer-import-act": Address("customer.import", arguments=lambda house: [999_999, "run"], further=True),
    "customer-import-report": Address("customer.import", arguments=lambda house: [999_999, "csv"], further=True),
    **every("customer-edit", "customer.edit", CUSTOMER, further=True),
    **every("customer-deactivate customer-reactivate", "customer.edit", CUSTOMER, further=True),
    "customer-part-add": Address("customer.edit", CUSTOMER.with_more(lambda side: ["accounts"])),
    **every("customer-part-edit customer-part-remove", "customer.edit", BELONGING),
    # contacts
    "contact-list": Address(),
    "contact-detail": Address("contact.view", CONTACT),
    "contact-solve": Address("contact.create", CONTACT, further=True),
    "contact-text": Address("contact.view", CONTACT),
    "contact-file": Address("contact.view", CONTACT.with_more(lambda side: [side.contact_file.pk])),
    "contact-matter": Address("contact.view", CONTACT),
    "contact-ticket-add": Address("contact.create", CONTACT, further=True),
    "contact-ticket-remove": Address(
        "contact.create", CONTACT.with_more(lambda side: [side.ticket.number]), further=True
    ),
    "contact-correct": Address("contact.create", CONTACT, further=True),
    "ticket-duplicate-list": Address("ticket.coordinate"),
    **every(
        "ticket-duplicate-merge ticket-duplicate-apart", "ticket.coordinate", arguments=lambda house: [999_999], further=True
    ),
    "ticket-contacts": Address("ticket.view", TICKET),
    "ticket-repeats-of-customer": Address("ticket.view", CUSTOMER),
    "customer-hints": Address("customer.view", CUSTOMER),
    "customer-360": Address("customer.view", CUSTOMER),
    "contact-name": Address("customer.view", CUSTOMER, further=True),
    "arrival-latest": Address("desk.use"),
    # One's own only: everybody else meets a 404.
    **every("arrival-open arrival-choose", "", arguments=lambda house: [house.arrival.pk], further=True),
    "arrival-recognise": Address(
        "", arguments=lambda house: [house.arrival.pk, house.east.customer.number], further=True
    ),
    "contact-result-list": Address("journal.manage"),
    "contact-result-edit": Address("journal.manage", arguments=lambda house: [house.contact_result.pk]),
    "journal-rule": Address("journal.manage"),
    "contact-of-customer": Address("customer.view", CUSTOMER),
    # queues, agents, web chats
    **every("agent-bar chat-beside chat-desk chat-threads", "queue.work"),
    "agent-state": Address("queue.work", further=True),
    **every("offer-accept offer-decline", "queue.work", arguments=lambda house: [999_999], further=True),
    **every("queue-overview chat-live", "queue.watch"),
    **every("queue-list queue-create agent-list chat-site-list", "queue.change"),
    "skill-create": Address("queue.change", further=True),
    "queue-change": Address("queue.change", arguments=lambda house: [house.east.queue.code]),
    "agent-change": Address("queue.change", AGENT),
    "agent-set-state": Address("queue.watch", AGENT, further=True),
    "chat-site-switch": Address("queue.change", arguments=lambda house: [999_999, "off"], further=True),
    **every("chat-detail chat-part", "queue.work|queue.watch", CHAT),
    "chat-column": Address("queue.work", CHAT, further=True),
    **every(
        "chat-answer chat-agent-types chat-finish chat-pass chat-ticket chat-wrap-up chat-confirm",
        "queue.work|queue.watch", CHAT, further=True,
    ),
    "chat-file": Address("queue.work|queue.watch", CHAT_FILE, further=True),
    # canned texts
    **every("canned-text-list canned-text-create", "canned_text.change"),
    "canned-text-change": Address("canned_text.change", arguments=lambda house: ["none"], further=True),
    # delegated authority
    "grant-list": Address("grant.view|grant.give|grant.settle|grant.audit"),
    "grant-approvals": Address("grant.approve"),
    "grant-correction-list": Address("grant.give"),
    **every("grant-audit-list grant-audit-figures", "grant.audit"),
    "grant-allowance": Address(further=True),
    "grant-detail": Address("grant.view|grant.give|grant.approve|grant.settle|grant.audit", PROMISED),
    **every("grant-approve grant-refuse", "grant.view", PROMISED, act="grant.approve", further=True),
    **every("grant-settle grant-cancel grant-audit-answer", "grant.view", PROMISED, further=True),
    **every(
        "grant-audit-claim grant-audit-release grant-audit-pass grant-audit-object grant-audit-accept grant-audit-demand",
        "grant.view", PROMISED, act="grant.audit", further=True,
    ),
    "ticket-grants": Address("ticket.view", TICKET),
    "ticket-grant-give": Address("ticket.view", TICKET, act="grant.give", further=True),
    "contact-grants": Address("contact.view", CONTACT),
    "contact-grant-give": Address("contact.view", CONTACT, act="grant.give", further=True),
    **every("authority-list authority-create grant-kind-list objection-code-list audit-rule-list", "authority.manage"),
    **every("authority-detail grant-kind-detail objection-code-detail audit-rule-detail", "authority.manage",
            arguments=lambda house: [999_999], further=True),
    # green channels
    **every("green-channel-list green-channel-create", "green_channel.manage"),
    "green-channel-detail": Address("green_channel.manage", arguments=lambda house: [999_999], further=True),
    # regulators
    "regulator-case-list": Address("regulator.view"),
    "regulator-case-create": Address("regulator.register"),
    "regulator-case-detail": Address("regulator.view", CASE),
    "regulator-case-take-up": Address("regulator.view", CASE, act="regulator.register", further=True),
    **every("regulator-case-answer regulator-case-close", "regulator.view", CASE, act="regulator.answer", further=True),
    "regulator-case-file": Address("regulator.view", CASE.with_more(lambda side: [side.case_file.pk])),
    "ticket-regulator-cases": Address("ticket.view", TICKET),
    **every("regulator-list regulator-create", "regulator.manage"),
    "regulator-detail": Address("regulator.manage", arguments=lambda house: [999_999], further=True),
    # the standard, marks, appeals, rectifications
    **every("standard mark-own rectification-list rectification-waiting"),
    **every("standard-version standard-print standard-compare", arguments=lambda house: [1]),
    **every("standard-draft standard-draft-begin standard-draft-discard standard-publish", "standard.manage", further=True),
    **every("mark-list mark-figures", "mark.view"),
    "mark-detail": Address(place=MARK),
    **every("mark-withdraw mark-appeal", place=MARK, further=True),
    "ticket-marks": Address("ticket.view", TICKET),
    "ticket-mark": Address("ticket.view", TICKET, further=True),
    "rectification-create": Address("rectification.ask"),
    "rectification-detail": Address(place=RECTIFICATION),
    **every("rectification-hand-in rectification-decide", place=RECTIFICATION, further=True),
    "rectification-file": Address(place=RECTIFICATION.with_more(lambda side: [999_999]), further=True),
    # hidden risks
    **every("hidden-risk-list hidden-risk-counts", "hidden_risk.view"),
    "hidden-risk-waiting": Address(),
    "risk-kind-list": Address("hidden_risk.manage"),
    "risk-kind-edit": Address("hidden_risk.manage", arguments=lambda house: ["network"]),
    "hidden-risk-create": Address("hidden_risk.raise"),
    "hidden-risk-detail": Address("hidden_risk.view", RISK),
    **every("hidden-risk-accept hidden-risk-refuse", "hidden_risk.view", RISK, act="hidden_risk.coordinate", further=True),
    **every("hidden-risk-verify hidden-risk-send-back", "hidden_risk.view", RISK, act="hidden_risk.coordinate", further=True),
    **every("hidden-risk-start hidden-risk-remove", "hidden_risk.view", RISK, act="hidden_risk.remove", further=True),
    "hidden-risk-insist": Address("hidden_risk.view", RISK, further=True),
    "hidden-risk-file": Address("hidden_risk.view", RISK_FILE),
    "ticket-hidden-risks": Address("ticket.view", TICKET, act="hidden_risk.raise"),
    # measures
    **every("measure-overview measure-table measured-events measure-definitions measure-view-save", "measure.view"),
    "measure-view-remove": Address("measure.view", arguments=lambda house: [999_999], further=True),
    # gateways and the outbox
    "gateway-list": Address("gateway.view"),
    "gateway-create": Address("gateway.change", arguments=lambda house: ["smtp"]),
    "gateway-detail": Address("gateway.view", arguments=lambda house: [house.gateway.pk], act="gateway.change"),
    "gateway-switch": Address("gateway.change", arguments=lambda house: [house.gateway.pk, "off"], further=True),
    "gateway-reconnect": Address("gateway.change", arguments=lambda house: [house.gateway.pk, 999_999], further=True),
    **every("gateway-remove gateway-try", "gateway.change", arguments=lambda house: [house.gateway.pk], further=True),
    **every("outbox-hold outbox-release", "gateway.change", further=True),
    **every("message-list dead-letter-list", "outbox.view"),
    "dead-letter-act": Address("outbox.view", act="outbox.resend", further=True),
    "message-detail": Address("outbox.view", MESSAGE),
    **every("message-resend message-cancel", "outbox.resend", MESSAGE, further=True),
    # forms of special items
    **every("form-list form-create", "form.manage"),
    "form-shown-fields": Address(arguments=lambda house: [house.form.pk], further=True),
    **every("form-detail form-draft", "form.manage", arguments=lambda house: [house.form.definition.key], further=True),
    **every(
        "form-version form-version-edit form-version-publish form-version-discard", "form.manage",
        arguments=lambda house: [house.form.definition.key, 2], further=True,
    ),
    # processes
    **every("process-list", "process.view", act="process.manage"),
    "process-deploy": Address("process.manage", further=True),
    "process-detail": Address("process.view", arguments=lambda house: ["complaint"], act="process.manage"),
    "process-bpmn": Address("process.view", arguments=lambda house: ["complaint", 1], act="process.manage"),
    "process-publish": Address("process.manage", arguments=lambda house: ["complaint", 1], further=True),
    **every("instance-bpmn instance-picture", "ticket.view", INSTANCE),
    "incident-list": Address("process.view"),
    **every("operation-overview operation-timers", "process.view"),
    "operation-heat": Address("process.view", arguments=lambda house: ["complaint", 1]),
    "operation-step": Address("process.view", arguments=lambda house: ["complaint", "coordinate"]),
    "operation-timer-retry": Address("process.manage", arguments=lambda house: [999_999], further=True),
    "operation-instance": Address("process.view", RUNNING),
    **every("operation-jump operation-suspend operation-resume", "process.view", RUNNING, further=True),
    "operation-mend": Address("process.view", RUNNING.with_more(lambda side: [side.incident.pk]), further=True),
    "incident-retry": Address("process.manage", INCIDENT, further=True),
    # tickets
    "ticket-list": Address("ticket.view"),
    **every("ticket-open-of-customer ticket-closed-of-customer", "ticket.view", CUSTOMER),
    **every("ticket-detail ticket-picture", "ticket.view", TICKET),
    **every("ticket-watch ticket-unwatch", "ticket.view", TICKET, further=True),
    **every("ticket-correct ticket-withdraw", "ticket.view", TICKET, further=True, act="ticket.edit"),
    "ticket-file-add": Address("ticket.view", TICKET, further=True),
    "ticket-reopen": Address("ticket.view", TICKET, act="ticket.coordinate", further=True),
    "ticket-terminate": Address("ticket.view", TICKET, act="process.terminate", further=True),
    **every(
        "ticket-task-claim ticket-task-release ticket-task-complete ticket-task-send-back ticket-task-reassign "
        "ticket-task-recall ticket-task-delegate ticket-task-add-signers ticket-task-copy", "ticket.view", TASK, further=True,
    ),
    "ticket-file": Address("ticket.view", FILE),
    **every("ticket-file-replace ticket-file-delete", "ticket.view", FILE, further=True),
    # around a ticket
    **every("ticket-relations ticket-print ticket-clocks", "ticket.view", TICKET),
    "ticket-promise": Address("ticket.view", TICKET, further=True),
    "ticket-promise-keep": Address("ticket.view", TICKET.with_more(lambda side: [999_999]), further=True),
    "late-list": Address("ticket.supervise"),
    "ticket-urging": Address("ticket.view", TICKET),
    "ticket-remind": Address("ticket.view", TICKET, act="ticket.remind", further=True),
    "supervision-start": Address("ticket.view", TICKET, act="ticket.supervise", further=True),
    **every("reminder-answer supervision-report supervision-end", "ticket.view",
            TICKET.with_more(lambda side: [999_999]), further=True),
    "supervision-list": Address("ticket.supervise"),
    "reminder-rule-list": Address("reminder_rule.view"),
    "reminder-rule-create": Address("reminder_rule.change"),
    **every("reminder-rule reminder-rule-delete", "reminder_rule.change", arguments=lambda house: [999_999], further=True),
    "moment-list": Address("moment.manage"),
    **every("moment-retry moment-skip", "moment.manage", arguments=lambda house: [999_999], further=True),
    "ticket-changes": Address("ticket.view", TICKET),
    **every("ticket-hold ticket-resume ticket-resolve ticket-presence", "ticket.view", TICKET, further=True),
    **every("ticket-relate ticket-tag-add ticket-tag-remove", "ticket.view", TICKET, act="ticket.edit", further=True),
    "ticket-child-create": Address("ticket.view", TICKET, act="ticket.create", further=True),
    "ticket-child-detach": Address(
        "ticket.view", TICKET.with_more(lambda side: [side.ticket.number]), act="ticket.edit", further=True
    ),
    "ticket-link-remove": Address(
        "ticket.view", TICKET.with_more(lambda side: [999_999]), act="ticket.edit", further=True
    ),
    "ticket-merge": Address("ticket.view", TICKET, act="ticket.coordinate", further=True),
    "ticket-split": Address("ticket.view", TICKET, act="ticket.create", further=True),
    "ticket-options": Address(),
    **every("batch-list batch-create", "ticket.batch"),
    "mass-incident-list": Address("ticket.view"),
    "mass-incident-offer": Address("ticket.view"),
    "mass-incident-create": Address("incident.declare", further=True),
    "mass-incident-detail": Address("ticket.view", MASS_INCIDENT),
    **every(
        "mass-incident-change mass-incident-attach mass-incident-tell mass-incident-answer mass-incident-lead",
        "incident.declare", MASS_INCIDENT, further=True,
    ),
    "mass-incident-call": Address("incident.declare", MASS_INCIDENT.with_more(lambda side: [999_999]), further=True),
    "mass-incident-move": Address("incident.declare", MASS_INCIDENT.with_more(lambda side: ["resolve"]), further=True),
    "ticket-incidents": Address("ticket.view", TICKET),
    **every("ticket-incident-attach ticket-incident-reject", "ticket.edit|incident.declare", TICKET, further=True),
    "ticket-incident-detach": Address("ticket.coordinate|incident.declare", TICKET, further=True),
    "ticket-print-list": Address("ticket.view"),
    "batch-detail": Address("", BATCH),
    **every("batch-stop batch-repeat", "", BATCH, further=True),
    **every("schedule-list schedule-create", "schedule.manage"),
    **every(
        "schedule-detail schedule-pause schedule-resume", "schedule.manage", arguments=lambda house: [999_999],
        further=True,
    ),
    **every("tag-list tag-create", "tag.manage"),
    "tag-detail": Address("tag.manage", arguments=lambda house: [999_999], further=True),
    "draft": Address(arguments=lambda house: ["intake"]),
    # categories and severity
    **every("category-options severity-list"),
    **every("category-list category-create severity-create", "category.manage"),
    **every("category-detail category-deactivate", "category.manage", arguments=lambda house: [house.category.pk]),
    "severity-detail": Address("category.manage", arguments=lambda house: ["major"]),
    **every("process-create process-expression", "process.manage", further=True),
    **every(
        "process-design process-drawing process-draft-save process-check process-draft-publish process-draft-begin "
        "process-draft-discard", "process.manage", arguments=lambda house: ["complaint"], further=True,
    ),
    "process-set-aside": Address("process.manage", arguments=lambda house: ["complaint", 999_999], further=True),
    "access-explain": Address("access.explain"),
    # absences, rosters, hand-over
    "own-delegations": Address(),
    "own-delegation-end": Address(arguments=lambda house: [999_999], further=True),
    "delegation-list": Address("organisation.view"),
    "person-delegations": Address("organisation.view", PERSON),
    "person-delegation-end": Address("organisation.view", DELEGATION, act="person.manage", further=True),
    **every("person-hand-over", "person.manage", PERSON, further=True),
    "hand-over-report": Address("person.manage", PERSON.with_more(lambda side: [999_999]), further=True),
    "roster-list": Address(),
    "roster-create": Address("organisation.manage", further=True),
    "roster-detail": Address("", ROSTER),
    "roster-use": Address("organisation.manage", ROSTER, further=True),
    "shift-add": Address("", ROSTER, further=True),
    "shift-remove": Address("", SHIFT, act="organisation.manage", further=True),
    "duty-plan": Address("", SHIFT.with_more(lambda side: ["2026-11-23"]), further=True),
    # decision tables
    "decision-list": Address("process.view"),
    "decision-create": Address("process.manage", further=True),
    **every("decision-detail", "process.view", arguments=lambda house: ["no_table"], further=True),
    **every(
        "decision-draw decision-table decision-save decision-import decision-publish", "process.manage",
        arguments=lambda house: ["no_table"], further=True,
    ),
    "decision-dmn": Address("process.view", arguments=lambda house: ["no_table", 1], further=True),
    # versions of processes
    **every("process-compare", "process.view", arguments=lambda house: ["complaint"], further=True),
    **every("process-moves process-trial", "process.manage", arguments=lambda house: ["complaint"], further=True),
    "process-move": Address("process.manage", arguments=lambda house: ["complaint", 999_999], further=True),
    # lists: columns, filters, files
    **every(
        "list-columns filter-list filter-tabs filter-create", "ticket.view",
        arguments=lambda house: ["tickets"], further=True,
    ),
    **every("filter-detail filter-replace filter-delete filter-first", "", FILTER),
    **every("export-list export-create", further=True),
    **every("export-cancel export-file", "", EXPORT),
    "export-approvals": Address("export.approve"),
    **every("export-approve export-refuse", "export.approve", EXPORT),
    "export-policy": Address("role.manage"),
    # personal data
    **every("unmasking-list reading-list privacy-policy", "personal_data.audit"),
    "unmask": Address("personal_data.unmask", Place(
        lambda side: ["customer", side.customer.number, "id_number"], CUSTOMER.seen_by
    )),
    # counter, faxes and letters
    "counter": Address("counter.serve"),
    **every("counter-window counter-call", "counter.serve", further=True),
    "counter-number-act": Address("counter.serve", NUMBER.with_more(lambda side: ["recall"]), further=True),
    "counter-queue-list": Address("counter.manage"),
    "counter-queue-create": Address("counter.manage", further=True),
    **every("counter-queue-change counter-window-save", "counter.manage", LINE, further=True),
    "kiosk": Address("counter.greet", HALL),
    "kiosk-number": Address("counter.greet", HALL.with_more(lambda side: [side.counter_number.token])),
    **every("scan-list scan-list-all", "scan.view"),
    "scan-upload": Address("scan.take_in", further=True),
    **every("scan-detail scan-file", "scan.view", SCAN),
    "scan-page": Address("scan.view", SCAN.with_more(lambda side: [1])),
    "scan-take-in": Address("scan.take_in", SCAN, further=True),
    "scan-act": Address("scan.take_in", SCAN.with_more(lambda side: ["claim"]), further=True),
    **every("scan-of-contact visit-of-contact", "", CONTACT),
    "ticket-texts": Address("ticket.view", TICKET),
    "ticket-text-write": Address("ticket.view", TICKET, further=True),
    "scan-source-list": Address("scan.manage"),
    "scan-source-create": Address("scan.manage", further=True),
    "scan-source-change": Address("scan.manage", arguments=lambda house: [house.scan_source.pk], further=True),
    # e-mails
    "mailbox-list": Address("mailbox.view"),
    "mailbox-create": Address("mailbox.change"),
    "mailbox-detail": Address("mailbox.view", arguments=lambda house: [house.mailbox.pk], act="mailbox.change"),
    "mailbox-switch": Address("mailbox.change", arguments=lambda house: [house.mailbox.pk, "on"], further=True),
    **every("mailbox-remove mailbox-try", "mailbox.change", arguments=lambda house: [house.mailbox.pk], further=True),
    **every("mail-list mail-list-all", "mail.view"),
    "mail-ignore": Address("mail.view", act="mail.file", further=True),
    "mute-lift": Address("mail.file", arguments=lambda house: [999_999], further=True),
    **every("mail-detail mail-shown", "mail.view", E_MAIL),
    "mail-part": Address("mail.view", E_MAIL.with_more(lambda side: [side.mail_file.pk])),
    "mail-original": Address("mail.original", E_MAIL, further=True),
    **every("mail-retry mail-journal mail-file", "mail.file", E_MAIL, further=True),
    "ticket-mails": Address("ticket.view", TICKET),
    "ticket-mail-write": Address("ticket.view", TICKET, further=True),
    "ticket-mail-shown": Address("ticket.view", TICKET_MAIL),
    "ticket-mail-original": Address("mail.original", TICKET_MAIL, further=True),
    "ticket-mail-part": Address("ticket.view", TICKET_MAIL.with_more(lambda side: [side.ticket_mail_file.pk])),
    # short messages
    **every("text-list text-list-all", "text.view"),
    "text-act": Address("text.view", act="text.file", further=True),
    "text-rules": Address("gateway.change"),
    "text-detail": Address("text.view", TEXT),
    **every("text-file text-journal", "text.file", TEXT, further=True),
    "text-take-in": Address("text.file", TEXT, further=True),
    # notifications
    **every("notification-list notification-bell notification-newest notification-read-all notification-preferences"),
    "notification-preferences-forget": Address(),
    **every("notification-open notification-read", "", NOTICE),
    **every("conversation-list conversation-newest availability-choose"),
    **every("conversation-create conversation-duty", "message.write"),
    **every("conversation-detail conversation-messages conversation-read", "", CONVERSATION),
    **every("conversation-write conversation-people conversation-leave", "", CONVERSATION, further=True),
    "desk-figures": Address("desk.use"),
    **every("notification-rules notification-texts webhook-list webhook-create", "notification.manage"),
    "notification-role": Address("notification.manage", arguments=lambda house: ["clerk"]),
    **every(
        "notification-text notification-text-reset", "notification.manage",
        arguments=lambda house: ["task.reminded", "email", "en"],
    ),
    **every("webhook-change webhook-remove", "notification.manage", arguments=lambda house: [999_999], further=True),
    # keys of the API
    **every("apikey-list apikey-create", "apikey.manage"),
    **every("house-condition slow-statement-list slow-statement-forget", "house.watch"),
    **every("house-job-retry house-job-skip", "house.watch", arguments=lambda house: [999_999], further=True),
    "apikey-revoke": Address("apikey.manage", arguments=lambda house: [999_999], further=True),
    # return visits
    "visit-list": Address("follow_up.view"),
    "visit-next": Address("follow_up.visit"),
    "visit-detail": Address("follow_up.view", VISIT),
    **every("visit-claim visit-release visit-attempt visit-answer", "follow_up.visit", VISIT, further=True),
    "visit-hand-over": Address("follow_up.assign", VISIT, further=True),
    "visits-of-ticket": Address("ticket.view", TICKET),
    "visits-of-customer": Address("customer.view", CUSTOMER),
    "reply-list": Address("ticket.view"),
    "reply-of-ticket": Address("ticket.view", TICKET, further=True),
    "reply-rule-list": Address("follow_up.manage"),
    "reply-rule-detail": Address("follow_up.manage", arguments=lambda house: [house.reply_rule.pk]),
    **every("visit-rule-list visit-rule-create risk-word-list questionnaire-list questionnaire-create", "follow_up.manage"),
    **every("visit-rule-detail visit-rule-switch", "follow_up.manage", arguments=lambda house: [house.visit_rule.pk]),
    "risk-word-switch": Address("follow_up.manage", arguments=lambda house: [house.risk_word.pk]),
    **every("questionnaire-detail questionnaire-preview questionnaire-switch", "follow_up.manage", arguments=lambda house: ["complaint_visit"]),
    "questionnaire-publish": Address("follow_up.manage", arguments=lambda house: ["complaint_visit"], further=True),
    # score cards, sampling plans, inspections
    **every("scorecard-list scorecard-create sampling-plan-list sampling-plan-create", "inspection.plan"),
    **every("scorecard-detail scorecard-preview scorecard-switch", "inspection.plan", arguments=lambda house: ["record"]),
    "scorecard-publish": Address("inspection.plan", arguments=lambda house: ["record"], further=True),
    **every(
        "sampling-plan-detail sampling-plan-change sampling-plan-switch", "inspection.plan",
        arguments=lambda house: [house.east.inspection.plan_id],
    ),
    "sampling-plan-draw": Address("inspection.plan", arguments=lambda house: [house.east.inspection.plan_id], further=True),
    **every("scoring-list scoring-next", "inspection.score|inspection.arbitrate"),
    **every("scoring-detail scoring-claim scoring-release scoring-hand-over", "inspection.view", SCORING, further=True),
    **every("inspection-list inspection-figures inspection-agreement", "inspection.view"),
    "inspection-own": Address(),
    **every("inspection-detail inspection-acknowledge inspection-appeal", "inspection.view", INSPECTION, further=True),
    "coaching-case-from-inspection": Address("coaching.manage", INSPECTION, further=True),
    "coaching-case-list": Address("coaching.view|coaching.manage"),
    "coaching-case-detail": Address("coaching.view|coaching.manage", arguments=lambda house: [house.coaching_case.pk]),
    "coaching-case-create": Address("coaching.manage"),
    "coaching-case-change": Address("coaching.manage", arguments=lambda house: [house.coaching_case.pk], further=True),
    **every("case-meeting-list training-list"),
    "case-meeting-create": Address("coaching.manage"),
    "case-meeting-detail": Address("", MEETING, further=True),
    "training-detail": Address("", TRAINING, further=True),
    "training-drop": Address("", TRAINING, further=True),
    "training-plan": Address("coaching.manage", arguments=lambda house: [house.cast.second_agent.username]),
    "ladder": Address("coaching.manage"),
    "ladder-level": Address("coaching.manage", arguments=lambda house: [house.expert_level.pk]),
    **every("ladder-give ladder-demand", "coaching.manage", further=True),
    "ladder-demand-remove": Address("coaching.manage", arguments=lambda house: [999_999], further=True),
    # the portal's screens
    **every("portal-settings portal-wording-list portal-wording-create", "portal.manage"),
    **every("portal-rules portal-origin-add", "portal.manage", further=True),
    **every(
        "portal-origin-use portal-wording-change portal-wording-remove", "portal.manage",
        arguments=lambda house: [999_999], further=True,
    ),
    # desk and intake
    "desk": Address(),  # whoever has none is led to the first of his own pages
    "search": Address("desk.use"),
    **every("intake intake-candidates intake-customer intake-items intake-origin intake-similar", "ticket.create|contact.create", further=True),
    "intake-grant": Address("grant.give", further=True),
}  # fmt: skip

#: Pages for customers, who have no login: what each of them may reach is tried in ``tests/portal``.
OF_THE_PORTAL = """
portal portal-enter portal-code portal-leave portal-file portal-filed portal-chat portal-request portal-add portal-remind portal-withdraw
portal-rate portal-reopen portal-download portal-embed portal-embed-code
""".split()
#: Reachable without a login; ``test_guard_addresses`` holds these.
OF_THE_CHAT = {
    "chat-begin", "chat-widget", "chat-visitor", "chat-news", "chat-say", "chat-type", "chat-end", "chat-rate",
    "chat-transcript", "chat-visitor-file",
}  # fmt: skip
PUBLIC = {
    *OF_THE_PORTAL,
    *OF_THE_CHAT,
    "survey",
    "healthz",
    "readyz",
    "metrics",
    "account_login",
    "login-second-factor",
    "account_logout",
    "set-language",
    "text-receive",
    "hall-screen",
    "hall-number",
}
