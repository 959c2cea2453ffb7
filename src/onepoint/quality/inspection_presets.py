"""What every house starts with: score cards, sampling plans, the rungs of the ladder. Everything may be changed."""

from typing import Any

Item = dict[str, Any]


def _item(name: str, name_en: str, kind: str, weight: int = 0, hint: str = "", hint_en: str = "", **more: Any) -> Item:
    return {"name": name, "name_en": name_en, "type": kind, "weight": weight, "hint": hint, "hint_en": hint_en, **more}


_LEAK = _item(
    "泄露客户个人信息或与客户争吵", "Personal data leaked, or quarrelled with the customer", "fatal",
    hint="发现即整卡 0 分", hint_en="Found, the whole card scores 0",
)  # fmt: skip
#: Code → name, English name, what it judges, items.
SCORECARDS: dict[str, tuple[str, str, str, list[Item]]] = {
    "complaint_record": ("投诉录入评分表", "Record of a complaint", "record", [
        _item("客户诉求写清楚（何事、何时、何地、要求）", "What the customer wants is clear (what, when, where, asked for)", "scale", 30,
              "后台不再回问客户即可处理为 5 分", "5: the back office need not ask the customer again"),
        _item("业务分类与级别正确", "Category and severity right", "yes_no", 20),
        _item("联系方式核对无误", "Telephone number checked", "yes_no", 15),
        _item("专项信息填写完整", "Special items complete", "scale", 15, may_be_left=True),
        _item("派往正确的部门", "Sent to the right department", "yes_no", 10, may_be_left=True),
        _item("用语规范，无歧义和错别字", "Clear wording without mistakes", "scale", 10),
        _LEAK,
    ]),
    "reply": ("处理与答复评分表", "Handling and answer", "reply", [
        _item("逐项回应客户诉求", "Answers everything the customer asked", "scale", 35),
        _item("原因核实清楚，有依据", "Cause found out, with evidence", "scale", 25),
        _item("结果与承诺明确", "Result and promises are stated", "scale", 20),
        _item("在时限内完成", "Finished in time", "yes_no", 10),
        _item("答复可直接转告客户", "Can be told to the customer as it stands", "yes_no", 10),
        _item("虚假处理（未处理即反馈已解决）", "Reported as settled without being handled", "fatal"),
    ]),
    "conversation": ("在线与热线服务评分表", "Chat and call", "contact", [
        _item("开场与身份核实", "Greeting and check of identity", "yes_no", 10),
        _item("倾听与理解", "Listening and understanding", "scale", 25),
        _item("业务解答准确", "Right answer", "scale", 35),
        _item("态度与用语", "Manner and wording", "scale", 20),
        _item("结束语与满意度邀请", "Closing words, asked for a rating", "yes_no", 10, may_be_left=True),
        _LEAK,
    ]),
}  # fmt: skip
#: Code, name, English name, rank, what is asked of whoever climbs onto it.
LEVELS: list[tuple[str, str, str, int, dict[str, int]]] = [
    ("novice", "新手", "Novice", 1, {"days_below": 0, "inspections": 0, "average": 0, "most_fatal": 0}),
    ("junior", "初级", "Junior", 2, {"days_below": 60, "inspections": 3, "average": 75, "most_fatal": 0}),
    ("skilled", "中级", "Skilled", 3, {"days_below": 120, "inspections": 6, "average": 80, "most_fatal": 0}),
    ("senior", "高级", "Senior", 4, {"days_below": 180, "inspections": 10, "average": 85, "most_fatal": 0}),
    ("expert", "专家", "Expert", 5, {"days_below": 365, "inspections": 20, "average": 90, "most_fatal": 0}),
]
#: Name, English name, card, what it says.
PLANS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("投诉录入周抽检", "Records of complaints, weekly", "complaint_record", {
        "kinds": ("complaint",), "method": "stratified", "stratum": "person", "size": 2, "size_rule": "each",
        "frequency": "weekly", "double_share": 20,
    }),
    ("风险工单处理质检", "Handling of risky tickets, weekly", "reply", {
        "method": "risk", "size": 20, "frequency": "weekly", "double_share": 20, "tolerance": 10,
        "weights": {"reopened": 4, "late": 3, "repeated": 2, "reminded": 1, "unsatisfied": 5},
    }),
    ("在线与热线会话抽检", "Chats and calls, weekly", "conversation", {"size": 5, "size_rule": "percent", "frequency": "weekly"}),
]  # fmt: skip
