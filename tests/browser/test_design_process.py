"""A process drawn in the browser, tried, published, run through, changed, compared, and its ticket migrated."""

import pytest
from playwright.sync_api import Page, expect

from cast import Cast
from journeys.house import register_customer
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.services import NewTicket
from onepoint.workflow import queries, services
from onepoint.workflow.models import InstanceMove, ProcessVersion

pytestmark = pytest.mark.django_db(transaction=True)

OPINION = "已办"


class Drawing:
    """The designer as somebody sees it who works with the panel; the canvas is used with the mouse where said."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def part(self, path: str):
        return self.page.locator(f'.designer__panel [data-path="{path}"]')

    def choose(self, words: str) -> None:
        value = self.part("chooser").locator("option", has_text=words).get_attribute("value")
        self.part("chooser").select_option(value or "")
        expect(self.part("chooser")).to_have_value(value or "")

    def write(self, path: str, text: str) -> None:
        self.part(path).fill(text)
        self.part(path).press("Tab")
        expect(self.part(path)).to_have_value(text)

    def pick(self, path: str, value: str) -> None:
        self.part(path).select_option(value)

    def add(self, path: str) -> None:
        self.part(f"{path}-add").click()

    def unfold(self, section: str) -> None:
        self.page.locator(f'[data-section="{section}"]:not([open]) > summary').click()

    def follow_with(self, label: str, name: str = "") -> None:
        """Add the next element and name it."""
        self.part("add-next").select_option(label=label)
        expect(self.part("name")).to_have_value("")
        if name:
            self.write("name", name)

    def handled_by_role(self, role: str) -> None:
        self.add("who")
        self.pick("who-0-role", role)

    def button(self, index: int, name: str, number: str) -> None:
        self.add("outcome")
        self.write(f"outcome-{index}-name", name)
        self.write(f"outcome-{index}-id", number)

    def saved(self) -> None:
        expect(self.page.locator("[data-saved]")).to_have_attribute("data-saved", "true")

    def publish(self, comment: str) -> None:
        self.page.locator('[data-do="publish"]').click()
        dialog = self.page.locator("#publish-drawing")
        expect(dialog).to_be_visible()
        dialog.locator("[name=comment]").fill(comment)
        dialog.locator("button[value=publish]").click()
        expect(self.page.locator(".notice--success")).to_be_visible()


def draw(drawing: Drawing) -> None:
    """Coordinator: settle it at once, or two departments at the same time; then a check that may send it round again."""
    drawing.choose("受理 ·")
    drawing.follow_with("人工环节", "分派")
    drawing.handled_by_role("coordinator")
    drawing.button(0, "派单", "send_out")
    drawing.add("outcome-0-input")
    drawing.write("outcome-0-input-0-label", "承办部门")
    drawing.pick("outcome-0-input-0-type", "units")
    drawing.write("outcome-0-input-0-name", "departments")
    drawing.button(1, "直接办结", "settle")
    drawing.follow_with("条件分支", "如何办理")
    drawing.follow_with("子流程", "部门办理")
    drawing.unfold("several")
    drawing.part("several").check()
    expect(drawing.part("several-list")).to_have_value("departments")
    drawing.pick("inside", "bpmn:UserTask")
    drawing.write("name", "部门处理")
    drawing.add("who")
    drawing.pick("who-0-rule", "interface")
    drawing.pick("who-0-unit", "=department")
    drawing.unfold("time")
    drawing.write("limit", "8")
    expect(drawing.part("limit-clock")).to_have_value("working")
    drawing.choose("部门办理 ·")
    drawing.follow_with("人工环节", "核查")
    drawing.handled_by_role("coordinator")
    drawing.button(0, "通过", "fine")
    drawing.button(1, "重新分派", "again")
    drawing.follow_with("条件分支", "核查结果")
    drawing.follow_with("结束事件", "办结")
    drawing.pick("end-outcome", "closed")


def lead(drawing: Drawing) -> None:
    """The return, and who goes where."""
    drawing.choose("核查结果 ·")
    drawing.part("connect").select_option(label="分派")
    expect(drawing.part("path-default")).to_be_visible()
    condition(drawing, "again")
    drawing.choose("→ 核查结果 – 办结")
    drawing.part("path-default").check()
    drawing.choose("→ 如何办理 – 部门办理")
    condition(drawing, "send_out")
    expect(drawing.page.locator(".designer__sentence")).to_contain_text("上一步选择的按钮 是 “派单”")
    drawing.choose("如何办理 ·")
    drawing.part("connect").select_option(label="办结")
    drawing.part("path-default").check()
    drawing.saved()


def condition(drawing: Drawing, outcome: str) -> None:
    add = drawing.page.locator('.designer__panel [data-path^="condition-"][data-path$="-add"]')
    add.click()
    value = drawing.page.locator('.designer__panel [data-path^="condition-"][data-path$="-0-value"]')
    value.select_option(outcome)
    expect(value).to_have_value(outcome)


def try_it(drawing: Drawing, cast: Cast) -> None:
    """The test run goes to both departments and adds up the limit."""
    page = drawing.page
    page.locator('[data-do="trial"]').click()
    drawing.part("fact-region").select_option(label=cast.east.name)
    drawing.part("trial-start").click()
    picker = page.locator('.designer__panel .field:has([data-path^="ask-"]) input')
    for unit in (cast.network.name, cast.billing.name):
        picker.click()
        picker.fill(unit)
        page.get_by_role("option", name=unit).click()
        expect(page.locator(".designer__panel .tag", has_text=unit)).to_be_visible()
    page.get_by_role("button", name="派单").click()
    waiting = page.locator('.designer__panel [data-section^="task-"]')
    expect(waiting).to_have_count(2)
    expect(waiting.first).to_contain_text("丁接口")
    expect(page.locator(".djs-element.node-now").first).to_be_visible()
    waiting.first.get_by_role("button", name="完成").click()
    expect(waiting).to_have_count(1)
    expect(page.locator('[data-section="trial-path"]')).to_contain_text("8 小时")
    drawing.part("trial-stop").click()
    expect(drawing.part("chooser")).to_be_visible()


def take_in(cast: Cast, key: str) -> Ticket:
    customer = register_customer(cast)
    category = Category.objects.for_kind("complaint").filter(is_active=True, form_key="").last()
    assert category is not None
    category.process_key = key
    category.save(update_fields=["process_key"])
    new = NewTicket(
        kind="complaint", category=category, channel="hotline", title="断网", customer=customer, region=cast.east,
        unit=cast.call_centre,
    )  # fmt: skip
    return ticket_services.create_ticket(new, by=cast.agent)


def finish(ticket: Ticket, node: str, by, outcome: str, **inputs) -> None:
    instance = queries.instance_of("ticket", ticket.pk)
    assert instance is not None
    task = next(one for one in queries.live_tasks_of("ticket", ticket.pk) if one.name == node)
    services.complete_task(task, outcome=outcome, inputs=inputs, opinion=OPINION, by=by)


def steps_of(ticket: Ticket) -> list[str]:
    return [task.name for task in queries.live_tasks_of("ticket", ticket.pk)]


def test_a_process_is_drawn_tried_published_run_changed_compared_and_its_ticket_migrated(
    live_server, page: Page, enter, starter, cast: Cast
) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    enter(cast.admin)
    page.goto(f"{live_server.url}/processes/new/")
    page.locator("input[value=empty]").check()
    page.locator("[name=name]").fill("分派流程")
    page.locator("[name=key]").fill("send_round")
    page.get_by_role("button", name="绘制").click()
    expect(page.locator('.designer[data-ready="true"]')).to_be_visible()
    drawing = Drawing(page)
    draw(drawing)
    lead(drawing)
    try_it(drawing, cast)
    drawing.publish("第一版")

    ticket = take_in(cast, "send_round")
    assert steps_of(ticket) == ["分派"]
    finish(ticket, "分派", cast.coordinator, "send_out", departments=[cast.network.pk, cast.billing.pk])
    assert steps_of(ticket) == ["部门处理", "部门处理"]
    finish(ticket, "部门处理", cast.interface_person, "done")
    finish(ticket, "部门处理", cast.billing_interface, "done")
    finish(ticket, "核查", cast.coordinator, "again")
    assert steps_of(ticket) == ["分派"]

    page.get_by_role("link", name="绘制").click()
    expect(page.locator('.designer[data-ready="true"]')).to_be_visible()
    with_the_mouse(drawing)
    drawing.choose("分派 ·")
    drawing.write("outcome-1-name", "当场办结")
    drawing.saved()
    drawing.publish("改按钮文字")
    page.get_by_role("link", name="版本比较").click()
    expect(page.locator('[data-island="process-comparison"][data-ready="true"]')).to_be_visible()
    expect(page.locator("table")).to_contain_text("当场办结")
    expect(page.locator(".djs-element.diff-changed").first).to_be_visible()

    page.goto(f"{live_server.url}/processes/send_round/moves/")
    expect(page.locator("table").last).to_contain_text(ticket.number)
    page.locator("button[value=move]").click()
    page.get_by_role("dialog").get_by_role("button", name="迁移").click()
    expect(page.locator(".figures")).to_contain_text("1")
    order = InstanceMove.objects.get()
    services.move_instances(order.pk)
    expect(page.locator("#moved")).to_contain_text(ticket.number)
    expect(page.locator("#moved .tag--good")).to_be_visible()
    instance = queries.instance_of("ticket", ticket.pk)
    assert instance is not None
    assert instance.version.number == 2
    finish(ticket, "分派", cast.coordinator, "settle")
    ticket.refresh_from_db()
    assert ticket.status == "closed"
    assert faults == []
    assert ProcessVersion.objects.get(definition__key="send_round", number=2).comment == "改按钮文字"


def with_the_mouse(drawing: Drawing) -> None:
    """Put a note of the palette's kind on the canvas, take it back by keyboard, and choose a step by clicking."""
    page = drawing.page
    before = page.locator(".djs-shape").count()
    page.locator('.djs-palette [data-action="create.end"]').click()
    box = page.locator("[data-canvas]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 420, box["y"] + box["height"] - 60)
    page.mouse.move(box["x"] + 430, box["y"] + box["height"] - 60)
    page.mouse.click(box["x"] + 430, box["y"] + box["height"] - 60)
    expect(page.locator(".djs-shape")).to_have_count(before + 1)
    page.keyboard.press("Escape")  # leaves the name that is asked for at once
    page.keyboard.press("Control+z")
    expect(page.locator(".djs-shape")).to_have_count(before)


def test_of_two_who_draw_the_second_is_told_and_may_keep_his(
    live_server, page: Page, enter, starter, cast: Cast
) -> None:
    services.create_process(key="shared", name="共同绘制", name_en="", template="two_steps", by=cast.admin)
    enter(cast.admin)
    page.goto(f"{live_server.url}/processes/shared/design/")
    expect(page.locator('.designer[data-ready="true"]')).to_be_visible()
    definition = queries.find_definition("shared")
    assert definition is not None
    theirs = definition.draft.bpmn.replace("办理完毕", "办好")
    services.save_draft(definition, theirs, revision=1, by=cast.admin)
    drawing = Drawing(page)
    drawing.choose("确认 ·")
    drawing.write("name", "客户确认")
    notice = page.locator("[data-notice]")
    expect(notice).to_contain_text(cast.admin.label)
    notice.get_by_role("button", name="保存我的").click()
    expect(notice).to_be_hidden()
    drawing.saved()
    definition.draft.refresh_from_db()
    assert "客户确认" in definition.draft.bpmn
    assert "办好" in definition.set_aside.get().bpmn


def test_what_is_typed_while_the_panel_is_drawn_again_is_kept(
    live_server, page: Page, enter, starter, cast: Cast
) -> None:
    services.create_process(key="typed", name="边画边写", name_en="", template="empty", by=cast.admin)
    enter(cast.admin)
    page.goto(f"{live_server.url}/processes/typed/design/")
    expect(page.locator('.designer[data-ready="true"]')).to_be_visible()
    drawing = Drawing(page)
    drawing.choose("受理 ·")
    drawing.follow_with("人工环节", "分派")
    drawing.button(0, "派单", "send_out")
    drawing.add("outcome-0-input")
    drawing.write("outcome-0-input-0-label", "部门")
    label, name = drawing.part("outcome-0-input-0-label"), drawing.part("outcome-0-input-0-name")
    label.fill("承办部门")
    # The panel is drawn anew in the next frame after a change: the next field is begun before it.
    page.evaluate(
        """() => {
          const name = document.querySelector('.designer__panel [data-path="outcome-0-input-0-name"]');
          name.focus();
          name.select();
          document.execCommand("insertText", false, "departs");
          name.setSelectionRange(6, 6);
          name.dataset.old = "true";
        }"""
    )
    expect(page.locator('.designer__panel [data-old="true"]')).to_have_count(0)
    expect(name).to_have_value("departs")
    page.keyboard.type("ment")
    page.keyboard.press("Tab")
    for field, text in ((label, "承办部门"), (name, "departments")):
        expect(field).to_have_value(text)
    drawing.saved()
    page.reload()
    expect(page.locator('.designer[data-ready="true"]')).to_be_visible()
    drawing.choose("分派 ·")
    for field, text in ((label, "承办部门"), (name, "departments")):
        expect(field).to_have_value(text)
