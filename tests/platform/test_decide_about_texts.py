"""Of every column that holds text somebody decided what becomes of it when a customer is erased.

A new text column fails here until it is registered (``customers.erasing``: marked, cleared or removed) or listed as kept.
"""

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from onepoint.customers.erasing import holdings

#: What stays: names and texts of the house itself (people, units, catalogues, rules, drawings), codes, keys and digests
#: that name nobody, numbers of our own, figures. Of what people write and what is kept here all the same,
#: docs/how-to/personal_data.md tells: the sealed journal (withheld from readers), messages between colleagues, files of
#: customers on their way in, what the API answered lately, texts about many customers at once.
KEPT = """
core.AuditEntry actor_name verb subject_type data
core.WithheldSubject subject_type
core.AuditSeal marks digest
core.ArchivedMonth file_name sha256
core.SlowStatement fingerprint page statement
core.Attachment subject_type name content_type sha256 context uploaded_by_name removed_sha256
core.StagedFile name content_type sha256
core.Presence place actor_name
core.Export list_code query columns language problem decider_name
core.ChosenColumns list_code columns
core.ReferenceStamp topic
core.TryCount key
accounts.Region name name_en code path area_code
accounts.BusinessLine name name_en code
accounts.BusinessFunction name name_en code
accounts.OrgUnit name name_en code path
accounts.Role name name_en code permissions description field_rights
accounts.Position name name_en
accounts.User password username name name_en name_key email phone language
accounts.PasswordRecord password
accounts.RoleGrant lowest_level highest_level
accounts.Group name name_en code
accounts.Unmasking subject_type subject_number field group
accounts.PersonalDataReading subject_type groups
accounts.SavedFilter list_code name query columns sort
accounts.FirstFilter list_code
accounts.SecondFactor sealed_secret
accounts.RecoveryCode digest
accounts.Delegation work note
accounts.Roster name name_en code
accounts.Shift name name_en
accounts.HandOver receivers reason
accounts.HandOverItem kind label problem
customers.CustomerLevel name name_en code
customers.Customer number legal_hold
customers.Erasure known step
customers.RetentionRule code
customers.ImportMapping name columns source
customers.CustomerImport file_name encoding separator heads source columns defaults counts problem
sla.BusinessCalendar name name_en time_zone week country
sla.Holiday country bands name name_en source
sla.HolidayYear country source
sla.CalendarStamp stamp
sla.CalendarChange calendar_name affected_ids what facts
sla.ClockPolicy name name_en stage subject_kinds category severities levels channels business tag process steps
  unit_kinds warnings source preset
sla.Clock name name_en subject_type stage facts after_reopening
sla.ClockSegment what
sla.DueMoment kind key subject_type facts last_error
dynamic_forms.FormDefinition name name_en key
dynamic_forms.FormVersion schema
assignment.Skill name name_en code
assignment.Queue name name_en code
assignment.Agent capacities
assignment.QueueEntry subject_type
channels.CannedText name name_en code text text_en media
channels.ContactResult name name_en code
channels.Contact number category_code ticket_number further_tickets audience search_keys
channels.ChatSession token_hash language site audience
channels.ChatSite origin name name_en
channels.CounterQueue name name_en prefix matters screen_token
channels.CounterWindow name name_en
channels.CounterNumber label token
channels.Gateway name name_en provider settings sealed_secrets
channels.Circuit peer last_error
channels.OutboxHold reason held_by
channels.OutgoingMessage key answers language about_type audience peer_id
channels.DeliveryAttempt gateway_name
channels.SentPart peer_id
channels.Mailbox name name_en address host username sealed_secrets folder only_from trusted_server category_code
  ticket_kind acknowledgement last_error
channels.IncomingMail fingerprint ticket_number audience
channels.ContactOrigin clerk_number document_number
channels.ScanSource name name_en folder last_error
channels.IncomingScan post_number audience
channels.IncomingText recipient ticket_number audience
channels.TextRules stop_words start_words
notifications.Conversation title people_key
notifications.Message text
notifications.Notification event key url subject_type ways
notifications.Preference choices
notifications.RoleDefault choices mandatory
notifications.NotificationPolicy choices house_address mandatory
notifications.WebhookSubscription name address events stopped_because
notifications.NotificationTemplate event subject body
workflow.DecisionDefinition name name_en key
workflow.DecisionVersion dmn comment
workflow.ProcessDefinition name name_en key
workflow.ProcessVersion bpmn checksum comment
workflow.ProcessDraft bpmn
workflow.SetAsideDrawing bpmn
workflow.ProcessInstance subject_type subject_number marking outcome moves
workflow.ScopeRecord kind node_id outcome
workflow.Visit node_id consumed outcome
workflow.UserTask node_id name name_en process_key subject_type subject_number subject_status candidate_keys
  outcome
workflow.Opinion step step_en outcome outcome_label outcome_label_en
workflow.Incident node_id code
workflow.ServiceCall node_id handler
workflow.CommandKey key
workflow.InstanceMove nodes
workflow.MovedInstance problem
workflow.ExpressionWarning element_id expression problem
workflow.Reminder subject_type subject_number key
workflow.Escalation subject_type subject_number deeds key
workflow.ReminderRule process_key kind severity after every remind_to remind_ways escalate_after escalate_to
  escalate_ways deeds
workflow.Timer node_id kind value calendar last_error
workflow.Subscription node_id kind name correlation
workflow.ProcessMessage kind name correlation key
tickets.Severity name name_en code standard standard_en
tickets.Category name name_en code path kinds form_key process_key kind_processes search_keys
tickets.Ticket number outcome tags external_source audience search_keys
tickets.Tag name name_en code
tickets.BatchRun parameters language
tickets.GreenChannel name name_en levels attention_kinds channels
tickets.LikelyDuplicate reasons
tickets.SearchDocument audience
tickets.MassIncident number title cause keywords public_words public_words_en conclusion audience
tickets.AttachedTicket earlier
tickets.ToldCustomer occasion way
follow_ups.Questionnaire name name_en code kinds
follow_ups.QuestionnaireVersion schema
follow_ups.ReplyAttempt key
follow_ups.VisitRule name name_en seed
follow_ups.VisitRuleVersion endings kinds ways
follow_ups.RiskWord word note
follow_ups.Closing kind
follow_ups.FollowUp audience answer_key
follow_ups.VisitAttempt key
grants.GrantKind name name_en code
grants.Authority levels
grants.Grant number approver_keys
grants.ObjectionCode name name_en code
grants.AuditRule seed
grants.AuditItem why
quality.Standard preamble preamble_en changes
quality.UnqualifiedCode name name_en code examples examples_en
quality.Mark number key
quality.Scorecard name name_en code
quality.ScorecardVersion items
quality.SamplingPlan name name_en seed kinds channels weights
quality.SamplingDraw period seed rules strata
quality.Inspection unit_path subject_path stratum risks
quality.CoachingCase tags
quality.CaseMeeting topic place conclusions
quality.Training topic reason code proof
quality.ExpertLevel name name_en code
quality.LevelHeld reason
quality.RiskKind name name_en code
quality.HiddenRisk number audience
quality.Rectification number title words proof decision
regulators.Regulator name name_en code source
regulators.RegulatorCase number case_number case_key contact_person contact_phone document_number
integrations.ApiKey name prefix digest scopes
integrations.AnsweredRequest key fingerprint headers body
analytics.Fact kind channel
analytics.Figure kind channel
analytics.MonthFigure kind channel grouped_by
analytics.SavedView name parameters
portal.Filing language
portal.PublicWording process_key node_id words words_en
portal.FramingOrigin origin name
portal.PortalRules hotline
"""


def _is_text(field: models.Field) -> bool:
    if field.remote_field or field.choices:
        return False
    one = field.base_field if isinstance(field, ArrayField) else field
    return isinstance(one, models.CharField | models.TextField | models.JSONField | models.BinaryField)


def _kept() -> dict[str, set[str]]:
    kept: dict[str, set[str]] = {}
    last = ""
    for line in KEPT.strip().splitlines():
        words = line.split()
        if not line.startswith(" "):
            last, words = words[0], words[1:]
        kept.setdefault(last, set()).update(words)
    return kept


def test_every_text_is_decided_about() -> None:
    decided: dict[str, set[str]] = _kept()
    removed = set()
    for holding in holdings():
        decided.setdefault(holding.model._meta.label, set()).update(holding.texts, holding.cleared)
        if holding.removed:
            removed.add(holding.model)
    undecided = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("onepoint.") and model not in removed
        for field in model._meta.concrete_fields
        if _is_text(field) and field.name not in decided.get(model._meta.label, set())
    ]
    assert undecided == []


def test_nothing_is_listed_that_is_gone() -> None:
    there = {model._meta.label: {field.name for field in model._meta.concrete_fields} for model in apps.get_models()}
    gone = [f"{label}.{name}" for label, names in _kept().items() for name in names - there.get(label, set())]
    assert gone == []
