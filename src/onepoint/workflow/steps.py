"""What a drawing says about its human steps: who, which outcomes with which input, which actions.

Read once per version from the ``op:`` extension elements (``urn:onepoint:bpmn``) the engine keeps as inert data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from onepoint.core.feel import FeelError, compile_expression
from onepoint.workflow.engine.graph import ExtensionElement, Formula, Node, Process
from onepoint.workflow.step_limits import Limit, read_limit
from onepoint.workflow.urging.drawn import Urging, read_urging

RULES = ("role", "interface", "unit", "user", "group", "duty", "platform", "initiator", "owner", "handler_of")
ACTIONS = ("send_back", "recall", "reassign", "release", "delegate", "add_signers", "copy")
ACTION_LABELS = {
    "send_back": gettext_lazy("Send back"),
    "recall": gettext_lazy("Take back"),
    "reassign": gettext_lazy("Reassign"),
    "release": gettext_lazy("Release"),
    "delegate": gettext_lazy("Delegate it"),
    "add_signers": gettext_lazy("Add signers"),
    "copy": gettext_lazy("Copy to others"),
}
INPUT_TYPES = ("unit", "units", "user", "text", "choice", "boolean", "datetime")
#: What the holder of a step may do with an item of the subject.
ITEM_RULES = ("shown", "required", "read-only", "hidden")
OPINIONS = ("required", "optional", "none")
DONE = "done"


def _pick(name: str, name_en: str) -> str:
    return name_en if name_en and (get_language() or "").startswith("en") else name


@dataclass(frozen=True)
class Choice:
    """One value of a ``choice`` input."""

    value: str
    name: str
    name_en: str = ""

    @property
    def label(self) -> str:
        return _pick(self.name, self.name_en)


@dataclass(frozen=True)
class InputSpec:
    """One thing an outcome asks for; its value becomes the process variable ``name``.

    ``unit`` and ``user`` values are ids. ``of`` yields the unit a person must belong to. ``minimum`` and ``maximum``
    count the members of ``units`` (maximum 0: any number).
    """

    name: str
    type: str
    title: str
    title_en: str = ""
    required: bool = False
    of: Formula | None = None
    minimum: int = 0
    maximum: int = 0
    choices: tuple[Choice, ...] = ()

    @property
    def label(self) -> str:
        return _pick(self.title, self.title_en)


@dataclass(frozen=True)
class OutcomeSpec:
    """One way to finish a step."""

    id: str
    name: str
    name_en: str = ""
    opinion: str = "optional"  # one of OPINIONS
    style: str = ""  # look of the button: primary, danger or ""
    inputs: tuple[InputSpec, ...] = ()

    @property
    def label(self) -> str:
        return _pick(self.name, self.name_en)


@dataclass(frozen=True)
class Rule:
    """One way to find the people of a step; ``of`` is the unit or user formula."""

    kind: str  # one of RULES
    role: str = ""
    within: str = "anywhere"  # region, unit or anywhere
    of: Formula | None = None
    group: str = ""
    node: str = ""


@dataclass(frozen=True)
class Barred:
    """Who may not act at a step: people a formula names (ids), and whoever handled other steps of the instance."""

    people: Formula | None = None
    handlers_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepSpec:
    """One human step of one process version."""

    node_id: str
    name: str
    name_en: str
    subject_status: str
    rules: tuple[Rule, ...]  # tried in order
    outcomes: tuple[OutcomeSpec, ...]
    actions: frozenset[str]
    edits: frozenset[str]
    items: Mapping[str, str] = field(default_factory=dict)  # item of the subject → one of ITEM_RULES
    return_ends_siblings: bool = False  # sending back past others of a multiple part ends their work
    refusal_stops: bool = False  # an added signer who disagrees sends the task back to who asked him
    barred: Barred | None = None
    is_claimed_by_opening: bool = False  # whoever opens the ticket and may claim the step holds it
    limit: Limit | None = None  # how long it may take
    urging: Urging = field(default_factory=Urging)  # who is reminded when, and the ladder above

    @property
    def label(self) -> str:
        return _pick(self.name, self.name_en)

    @property
    def is_for_interface(self) -> bool:
        """Whether it is the interface person of a department who gets it."""
        return bool(self.rules) and self.rules[0].kind == "interface"

    @property
    def action_labels(self) -> list[str | Promise]:
        """What may be done here beside finishing, in words."""
        return [ACTION_LABELS[action] for action in ACTIONS if action in self.actions]

    def outcome(self, outcome_id: str) -> OutcomeSpec | None:
        return next((outcome for outcome in self.outcomes if outcome.id == outcome_id), None)


HANDED_BACK = "handed_back"
AGREE, DISAGREE = "agree", "disagree"
_HAND_BACK = (OutcomeSpec(HANDED_BACK, "交回", "Hand back", opinion="required", style="primary"),)
_SIGN = (
    OutcomeSpec(AGREE, "同意", "Agree", style="primary"),
    OutcomeSpec(DISAGREE, "不同意", "Disagree", opinion="required", style="danger"),
)

#: Every user task can at least be done.
_DEFAULT_OUTCOMES = (OutcomeSpec(DONE, "完成", "Done", style="primary"),)


class StepProblem(ValueError):
    """What is wrong with a step, for the person who drew it."""


def _formula(text: str) -> Formula:
    return Formula(text, compile_expression(text))


def _words(elements: Iterable[ExtensionElement]) -> frozenset[str]:
    return frozenset(word for element in elements for word in element.text.split())


def _local(element: ExtensionElement) -> str:
    return element.name.rpartition(":")[2]


def _children(element: ExtensionElement, name: str) -> tuple[ExtensionElement, ...]:
    return tuple(child for child in element.children if _local(child) == name)


def _number(text: str | None) -> int:
    try:
        return max(int(text or 0), 0)
    except ValueError as error:
        raise StepProblem(_("“%s” is not a number") % text) from error


def _read_input(element: ExtensionElement) -> InputSpec:
    attributes = element.attributes
    name, kind = attributes.get("name", ""), attributes.get("type", "text")
    if not name or kind not in INPUT_TYPES:
        raise StepProblem(_("input “%(name)s” has an unknown type “%(type)s”") % {"name": name, "type": kind})
    of = attributes.get("of")
    return InputSpec(
        name=name,
        type=kind,
        title=attributes.get("label", name),
        title_en=attributes.get("labelEn", ""),
        required=attributes.get("required") == "true",
        of=_formula(of) if of else None,
        minimum=_number(attributes.get("min")),
        maximum=_number(attributes.get("max")),
        choices=tuple(
            Choice(
                child.attributes.get("value", ""), child.attributes.get("name", ""), child.attributes.get("nameEn", "")
            )
            for child in _children(element, "choice")
        ),
    )


def _read_outcome(element: ExtensionElement) -> OutcomeSpec:
    attributes = element.attributes
    outcome_id, opinion = attributes.get("id", ""), attributes.get("opinion", "optional")
    if not outcome_id or opinion not in OPINIONS:
        raise StepProblem(
            _("outcome “%(id)s” has an unknown opinion rule “%(rule)s”") % {"id": outcome_id, "rule": opinion}
        )
    return OutcomeSpec(
        id=outcome_id,
        name=attributes.get("name", outcome_id),
        name_en=attributes.get("nameEn", ""),
        opinion=opinion,
        style=attributes.get("style", ""),
        inputs=tuple(_read_input(child) for child in _children(element, "input")),
    )


def _read_rules(element: ExtensionElement) -> tuple[Rule, ...]:
    """The rule of an assignment, followed by those of its fallbacks."""
    attributes = element.attributes
    kind, within = attributes.get("rule", ""), attributes.get("within", "anywhere")
    if kind not in RULES:
        raise StepProblem(_("unknown assignment rule “%s”") % kind)
    if within not in ("region", "unit", "line", "anywhere"):
        raise StepProblem(_("unknown reach “%s” of an assignment") % within)
    of = attributes.get({"user": "user", "platform": "line"}.get(kind, "unit"))
    if kind == "duty" and bool(of) == bool(attributes.get("group")):
        raise StepProblem(_("the rule “duty” needs either a group or a unit"))
    needed = {"role": attributes.get("role"), "group": attributes.get("group"), "handler_of": attributes.get("node")}
    if kind in needed and not needed[kind] or kind in ("interface", "unit", "user") and not of:
        raise StepProblem(_("assignment rule “%s” is incomplete") % kind)
    rule = Rule(
        kind=kind,
        role=attributes.get("role", ""),
        within=within,
        of=_formula(of) if of else None,
        group=attributes.get("group", ""),
        node=attributes.get("node", ""),
    )
    return (rule, *(more for child in _children(element, "fallback") for more in _read_rules(child)))


def _read_items(elements: Iterable[ExtensionElement]) -> dict[str, str]:
    """Item → rule, of ``<op:items><op:item name="contact_phone" rule="required"/></op:items>``."""
    rules: dict[str, str] = {}
    for element in elements:
        for child in _children(element, "item"):
            name, rule = child.attributes.get("name", ""), child.attributes.get("rule", "shown")
            if not name or rule not in ITEM_RULES:
                raise StepProblem(_("item “%(name)s” has an unknown rule “%(rule)s”") % {"name": name, "rule": rule})
            rules[name] = rule
    return rules


def _read_barred(elements: Iterable[ExtensionElement]) -> Barred | None:
    """``<op:barred people="[3, 4]" handlersOf="review panel"/>``."""
    for element in elements:
        people, nodes = element.attributes.get("people", ""), element.attributes.get("handlersOf", "")
        if not people and not nodes:
            raise StepProblem(_("“barred” names nobody"))
        return Barred(_formula(people) if people else None, tuple(nodes.split()))
    return None


def _read_claim(elements: Iterable[ExtensionElement]) -> bool:
    """``<op:claim when="opened"/>``; without it somebody claims by saying so."""
    for element in elements:
        if element.attributes.get("when") != "opened":
            raise StepProblem(_("a step can be claimed “opened”, not “%s”") % element.attributes.get("when", ""))
        return True
    return False


def read_step(node: Node) -> StepSpec:
    """The specification of one user task. Raises StepProblem."""
    extension = node.extension
    assignments = extension.find_elements("op:assignment")
    if not assignments:
        raise StepProblem(_("nothing says who handles this step"))
    outcomes = tuple(_read_outcome(element) for element in extension.find_elements("op:outcome"))
    actions = extension.find_elements("op:actions")
    return StepSpec(
        node_id=node.id,
        name=node.name or node.id,
        name_en=extension.attribute("op:nameEn") or "",
        subject_status=extension.attribute("op:status") or "",
        rules=tuple(rule for element in assignments for rule in _read_rules(element)),
        outcomes=outcomes or _DEFAULT_OUTCOMES,
        actions=_words(actions) & frozenset(ACTIONS) if actions else frozenset(ACTIONS),
        edits=_words(extension.find_elements("op:edits")),
        items=_read_items(extension.find_elements("op:items")),
        return_ends_siblings=any(
            element.attributes.get("siblings") == "end" for element in extension.find_elements("op:returns")
        ),
        refusal_stops=any(
            element.attributes.get("onRefusal") == "stop" for element in extension.find_elements("op:signers")
        ),
        barred=_read_barred(extension.find_elements("op:barred")),
        is_claimed_by_opening=_read_claim(extension.find_elements("op:claim")),
        limit=read_limit(node),
        urging=read_urging(node),
    )


def as_delegated(step: StepSpec) -> StepSpec:
    """The step for somebody it was delegated to: he writes his opinion and hands it back, or delegates it further."""
    return replace(step, outcomes=_HAND_BACK, actions=step.actions & {"delegate", "copy"})


def as_signer(step: StepSpec) -> StepSpec:
    """The step for an added signer: he agrees or not, and may in turn ask others."""
    return replace(step, outcomes=_SIGN, actions=step.actions & {"delegate", "add_signers", "reassign", "copy"})


def read_steps(process: Process) -> tuple[dict[str, StepSpec], list[str]]:
    """The steps by node id, and a sentence for each that cannot be carried."""
    steps: dict[str, StepSpec] = {}
    problems: list[str] = []
    for node in process.nodes.values():
        if node.kind != "user_task":
            continue
        try:
            steps[node.id] = read_step(node)
        except (StepProblem, FeelError) as error:
            problems.append(f"{node.name or node.id}: {error}")
    return steps, problems
