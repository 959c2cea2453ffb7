"""The BPMN 2.0 engine: a functional core in plain Python, importing neither Django nor the rest of the house.

`parse_bpmn` compiles a file to immutable graphs; `advance(process, state, event)` gives the next state of one instance
and the effects the caller has to carry out. Rules: docs/decisions and the docstrings of the elements.

What the engine reads of the extension namespace `urn:onepoint:bpmn` (prefix op):

- on `multiInstanceLoopCharacteristics`: op:collection (FEEL), op:elementVariable, op:indexVariable, op:outputCollection,
  op:outputElement (FEEL), and in its extensionElements `<op:countersign rule rate yes no veto abstain/>`
- on a sub-process or call activity, in extensionElements: `<op:local name value/>` (variables of the new scope, FEEL,
  evaluated outside at entry; `op:input` is the same) and `<op:output name value/>` (handed out at the end)
- on a script task: op:resultVariable
- on a message or an event: op:correlationKey (FEEL); on an error or escalation definition that catches: op:codeVariable

Everything else found there is kept in `Node.extension` for readers outside.
"""

from onepoint.workflow.engine import effects, events
from onepoint.workflow.engine.advance import Change, advance
from onepoint.workflow.engine.bpmn import BpmnError, Problem, parse_bpmn
from onepoint.workflow.engine.errors import NotPossible
from onepoint.workflow.engine.features import features
from onepoint.workflow.engine.graph import Definitions, Extension, ExtensionElement, Flow, Node, Process
from onepoint.workflow.engine.history import History, Recorder, ScopeRecord, VisitRecord
from onepoint.workflow.engine.invariants import check_invariants
from onepoint.workflow.engine.migration import Migration, migrate, plan_migration
from onepoint.workflow.engine.state import ROOT, Scope, State, Token

__all__ = [
    "ROOT",
    "BpmnError",
    "Change",
    "Definitions",
    "Extension",
    "ExtensionElement",
    "Flow",
    "History",
    "Migration",
    "Node",
    "NotPossible",
    "Problem",
    "Process",
    "Recorder",
    "Scope",
    "ScopeRecord",
    "State",
    "Token",
    "VisitRecord",
    "advance",
    "check_invariants",
    "effects",
    "events",
    "features",
    "migrate",
    "parse_bpmn",
    "plan_migration",
]
