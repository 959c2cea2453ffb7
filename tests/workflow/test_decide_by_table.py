"""Decision tables: every hit policy, what is refused by name, versions, and the step of a process that asks one."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from cast import Cast
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.workflow import services
from onepoint.workflow.decisions import DecisionConflict, DmnError, Table, read_table
from onepoint.workflow.designing import decisions
from onepoint.workflow.designing.trial import run_trial
from onepoint.workflow.errors import DraftChanged, NothingChanged, TableRefused
from onepoint.workflow.models import DecisionDefinition, DecisionVersion, Incident, ServiceCall
from workflow.conftest import chain, drawing, publish, start, user_task

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def dmn(
    rules: list[tuple[str, ...]], policy: str = "UNIQUE", outputs: str = '<output name="result"/>', more: str = ""
) -> str:
    """A table asking about amount and kind; the last cells of a rule are its results."""
    columns = "".join(
        f'<input label="{name}"><inputExpression><text>{name}</text></inputExpression></input>'
        for name in ("amount", "kind")
    )
    rows = "".join(
        "<rule>"
        + "".join(f"<inputEntry><text>{cell}</text></inputEntry>" for cell in rule[:2])
        + "".join(f"<outputEntry><text>{cell}</text></outputEntry>" for cell in rule[2:])
        + "</rule>"
        for rule in rules
    )
    table = f"<decisionTable {policy_attributes(policy)}>{columns}{outputs}{rows}</decisionTable>"
    return f'<definitions xmlns="{NAMESPACE}"><decision id="d" name="D">{table}</decision>{more}</definitions>'


def policy_attributes(policy: str) -> str:
    name, _colon, aggregation = policy.partition(":")
    return f'hitPolicy="{name}"' + (f' aggregation="{aggregation}"' if aggregation else "")


def table(*rules: tuple[str, ...], policy: str = "UNIQUE", outputs: str = '<output name="result"/>') -> Table:
    return read_table(dmn(list(rules), policy, outputs))


BY_AMOUNT = [("&lt; 100", "-", '"low"'), ("[100..500]", "-", '"middle"'), ("&gt; 400", "-", '"high"')]
ORDERED = '<output name="result"><outputValues><text>"high", "middle", "low"</text></outputValues></output>'


@pytest.mark.parametrize(
    ("policy", "amount", "expected"),
    [
        ("UNIQUE", 50, {"result": "low"}),
        ("UNIQUE", None, {"result": None}),
        ("FIRST", 450, {"result": "middle"}),
        ("PRIORITY", 450, {"result": "high"}),
        ("COLLECT", 450, ["middle", "high"]),
        ("RULE ORDER", 450, ["middle", "high"]),
        ("OUTPUT ORDER", 450, ["high", "middle"]),
        ("COLLECT:COUNT", 450, 2),
        ("COLLECT", None, []),
    ],
)
def test_hit_policies(policy: str, amount: int | None, expected: Any) -> None:
    assert table(*BY_AMOUNT, policy=policy, outputs=ORDERED).decide({"amount": amount}).value == expected


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY"])
def test_rules_that_contradict_are_named(policy: str) -> None:
    with pytest.raises(DecisionConflict) as conflict:
        table(*BY_AMOUNT, policy=policy).decide({"amount": 450})
    assert conflict.value.rules == (2, 3)


def test_any_allows_rules_that_agree() -> None:
    agreeing = table(("&gt; 1", "-", '"yes"'), ("&gt; 2", "-", '"yes"'), policy="ANY")
    assert agreeing.decide({"amount": 3}).value == {"result": "yes"}


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 5), ("MIN", 2), ("MAX", 3)])
def test_collected_numbers_are_added_up(aggregation: str, expected: int) -> None:
    adding = table(("-", "-", "2"), ("-", "-", "3"), ("&lt; 0", "-", "9"), policy=f"COLLECT:{aggregation}")
    assert adding.decide({"amount": 1}).value == expected


def test_several_outputs_and_a_default() -> None:
    outputs = '<output name="level"><defaultOutputEntry><text>"none"</text></defaultOutputEntry></output><output name="days"/>'
    two = table(("&gt; 10", '"repair"', '"high"', "amount * 2"), outputs=outputs)
    assert two.decide({"amount": 20, "kind": "repair"}).value == {"level": "high", "days": 40}
    assert two.decide({"amount": 20, "kind": "praise"}).value == {"level": "none", "days": None}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("<a", "xml"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><definitions/>', "xml"),
        ("<other/>", "not_dmn"),
        (f'<definitions xmlns="{NAMESPACE}"/>', "one_decision"),
        (f'<definitions xmlns="{NAMESPACE}"><decision name="x"><literalExpression/></decision></definitions>', "literalExpression"),
        (dmn([], more="<businessKnowledgeModel/>"), "businessKnowledgeModel"),
        (dmn([], policy="SOMETIMES"), "hit_policy"),
        (dmn([("-", '"x"')]), "entries"),
        (dmn([("((", "-", '"x"')]), "line 1"),
        (dmn([], outputs=""), "size"),
        (dmn([], outputs='<output name="a"/><output name="a"/>'), "output_names"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_by_name(text: str, word: str) -> None:
    with pytest.raises(DmnError) as refusal:
        read_table(text)
    assert word in str(refusal.value)


@pytest.fixture
def definition(cast: Cast) -> DecisionDefinition:
    return services.create_decision(key="routing", name="分派", name_en="Routing", by=cast.admin)


def published(cast: Cast, definition: DecisionDefinition, text: str) -> DecisionVersion:
    latest = decisions.table_to_edit(definition)
    saved = services.save_decision(definition, text, number=latest.number, revision=latest.revision, by=cast.admin)
    return services.publish_decision(
        definition, number=saved.number, revision=saved.revision, comment="调整", by=cast.admin
    )


def test_versions_follow_each_other_and_the_published_one_stays(cast: Cast, definition: DecisionDefinition) -> None:
    first = published(cast, definition, dmn([("-", "-", '"a"')]))
    second = published(cast, definition, dmn([("-", "-", '"b"')]))
    first.refresh_from_db()
    assert (first.number, first.status, second.number, second.is_published) == (1, "retired", 2, True)
    found = decisions.table_in_force("routing")
    assert found is not None
    assert found[0].decide({}).value == {"result": "b"}
    verbs = AuditEntry.objects.filter(subject_type="decision").values_list("verb", flat=True)
    assert list(verbs.order_by("pk")) == ["decision.drawn", "decision.drawn", "decision.published"] + [
        "decision.drawn", "decision.published",
    ]  # fmt: skip


def test_drawing_is_refused_without_permission_out_of_date_or_when_wrong(
    cast: Cast, definition: DecisionDefinition
) -> None:
    good = dmn([("-", "-", '"a"')])
    with pytest.raises(NotPermitted):
        services.save_decision(definition, good, number=1, revision=1, by=cast.agent)
    with pytest.raises(TableRefused):
        services.save_decision(definition, dmn([("((", "-", "1")]), number=1, revision=1, by=cast.admin)
    services.save_decision(definition, good, number=1, revision=1, by=cast.admin)
    with pytest.raises(DraftChanged):
        services.save_decision(definition, good, number=1, revision=1, by=cast.admin)
    with pytest.raises(InvalidInput):
        services.create_decision(key="routing", name="又", name_en="", by=cast.admin)
    services.publish_decision(definition, number=1, revision=2, comment="", by=cast.admin)
    with pytest.raises(NothingChanged):
        services.publish_decision(definition, number=1, revision=2, comment="", by=cast.admin)


def asking(key: str = "routing") -> str:
    return drawing(
        f'<bpmn:startEvent id="s"/><bpmn:businessRuleTask id="ask" op:handler="decision:{key}"/>{user_task("a")}'
        f"{user_task('b')}<bpmn:exclusiveGateway id='g' default='g-b'/>{chain('s', 'ask', 'g')}{chain('g', 'b')}"
        '<bpmn:sequenceFlow id="g-a" sourceRef="g" targetRef="a"><bpmn:conditionExpression>result = "high"'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )


def test_a_process_goes_where_the_table_says(cast: Cast, definition: DecisionDefinition) -> None:
    published(cast, definition, dmn(BY_AMOUNT, policy="PRIORITY", outputs=ORDERED))
    publish(asking())
    for amount, step in ((450, "a"), (50, "b")):
        running = start("small", cast.agent, region=cast.east, variables={"amount": amount})
        services.run_service_call(ServiceCall.objects.get(instance_id=running.id).pk)
        assert running.nodes() == [step]


def test_a_table_that_is_missing_or_contradicts_itself_stops_the_step(
    cast: Cast, definition: DecisionDefinition
) -> None:
    publish(asking())
    running = start("small", cast.agent, region=cast.east, variables={"amount": 450})
    services.run_service_call(ServiceCall.objects.get(instance_id=running.id).pk)
    assert "routing" in Incident.objects.get(instance_id=running.id).message


def test_the_test_run_asks_the_table_itself(cast: Cast, definition: DecisionDefinition) -> None:
    published(cast, definition, dmn(BY_AMOUNT, policy="FIRST"))
    shown = run_trial(asking(), {"amount": 600}, [], cast.admin)
    assert [task["node"] for task in shown["tasks"]] == ["a"]


def test_a_file_of_another_version_of_dmn_is_taken_in(
    cast: Cast, client_of, definition: DecisionDefinition, tmp_path
) -> None:
    file = tmp_path / "other.dmn"
    file.write_text(
        dmn(BY_AMOUNT).replace("https://www.omg.org/spec/DMN/20191111", "http://www.omg.org/spec/DMN/20180521")
    )
    with file.open("rb") as content:
        answer = client_of(cast.admin).post("/decisions/routing/import/", {"file": content})
    assert answer.status_code == 302
    draft = decisions.table_to_edit(definition)
    assert (draft.number, NAMESPACE in draft.dmn) == (1, True)


def test_the_pages_show_try_and_hand_out_the_table(cast: Cast, client_of, definition: DecisionDefinition) -> None:
    published(cast, definition, dmn(BY_AMOUNT, policy="FIRST"))
    client = client_of(cast.admin)
    assert "routing" in client.get("/decisions/").content.decode()
    with override("zh-hans"):
        page = client.get("/decisions/routing/?try=1&v-amount=450").content.decode()
    assert "result = middle" in page
    assert client.get("/decisions/routing/?try=1&v-amount=((").status_code == 200
    assert client.get("/decisions/routing/1/dmn").content.decode().startswith("<definitions")
    assert client.get("/decisions/routing/table.json").json()["number"] == 1
    for path in ("/decisions/nothing/", "/decisions/routing/9/dmn"):
        assert client.get(path).status_code == 404
    agent = client_of(cast.agent)
    for path in ("", "new/", "routing/", "routing/draw/", "routing/table.json", "routing/1/dmn"):
        assert agent.get(f"/decisions/{path}").status_code == 403


def test_the_list_costs_the_same_for_one_table_and_for_five(
    cast: Cast, client_of, definition: DecisionDefinition, django_assert_num_queries
) -> None:
    client = client_of(cast.admin)
    client.get("/decisions/")
    with CaptureQueriesContext(connection) as first:
        client.get("/decisions/")
    for number in range(4):
        services.create_decision(key=f"more_{number}", name="又", name_en="", by=cast.admin)
    with django_assert_num_queries(len(first)):
        client.get("/decisions/")
    assert len(first) < 15
