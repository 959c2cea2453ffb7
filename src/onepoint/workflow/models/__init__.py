"""Tables of workflow, by noun group."""

from onepoint.workflow.models.decisions import DecisionDefinition, DecisionVersion
from onepoint.workflow.models.definitions import ProcessDefinition, ProcessDraft, ProcessVersion, SetAsideDrawing
from onepoint.workflow.models.moving import InstanceMove, MovedInstance
from onepoint.workflow.models.noticed import ExpressionWarning
from onepoint.workflow.models.running import (
    INCIDENT_SENTENCES,
    CommandKey,
    Incident,
    Opinion,
    ProcessInstance,
    ScopeRecord,
    ServiceCall,
    UserTask,
    UserTaskQuerySet,
    Visit,
)
from onepoint.workflow.models.urging import Escalation, Reminder, ReminderRule
from onepoint.workflow.models.waits import ProcessMessage, Subscription, Timer

__all__ = [
    "INCIDENT_SENTENCES",
    "CommandKey",
    "DecisionDefinition",
    "DecisionVersion",
    "Escalation",
    "ExpressionWarning",
    "Incident",
    "InstanceMove",
    "MovedInstance",
    "Opinion",
    "ProcessDefinition",
    "ProcessDraft",
    "ProcessInstance",
    "ProcessMessage",
    "ProcessVersion",
    "Reminder",
    "ReminderRule",
    "ScopeRecord",
    "ServiceCall",
    "SetAsideDrawing",
    "Subscription",
    "Timer",
    "UserTask",
    "UserTaskQuerySet",
    "Visit",
]
