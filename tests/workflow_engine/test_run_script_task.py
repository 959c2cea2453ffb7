from decimal import Decimal

from onepoint.workflow.engine import parse_bpmn
from workflow_engine import drawing as d
from workflow_engine.world import World


def script(text: str, **attributes: str) -> World:
    body = d.element("scriptTask", "s", f"<script>{text}</script>", **attributes)
    return World(d.drawn(d.start(), body, d.user("a"), d.path("start", "s", "a")), amount=20)


def test_value_goes_to_the_result_variable() -> None:
    world = script("amount * 2", op__resultVariable="double").start()
    assert world.state.variables["double"] == 40
    assert world.names == ["a"]


def test_context_sets_its_names() -> None:
    world = script("{double: amount * 2, half: amount / 2}").start()
    assert (world.state.variables["double"], world.state.variables["half"]) == (40, 10)


def test_null_is_a_value() -> None:
    world = script("missing + 1", op__resultVariable="sum").start()
    assert world.state.variables["sum"] is None


def test_expression_that_raises_is_an_incident() -> None:
    def compile_raising(text: str) -> object:
        def evaluate(_view: object) -> object:
            raise ArithmeticError("too long")

        return evaluate

    text = d.file_of(d.start(), d.element("scriptTask", "s", "<script>x</script>"), d.path("start", "s"))
    world = World(parse_bpmn(text, compile_raising).main).start()  # type: ignore[arg-type]
    (incident,) = world.state.incidents.values()
    assert incident.code == "expression_failed"
    assert "too long" in incident.message


def test_decimals_are_kept_as_json_numbers() -> None:
    world = script("amount / 8", op__resultVariable="part").start()
    assert world.state.variables["part"] == 2.5
    assert not isinstance(world.state.variables["part"], Decimal)
