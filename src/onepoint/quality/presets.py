"""The standard every house starts with; then it is the house's own to change."""

from typing import Any

PREAMBLE = (
    "本标准适用于全部投诉、咨询、报修等工单。前台与后台双向判定：后台可判定前台录单、派单不合格，前台可判定后台处理、回复不合格；"
    "质检抽查按同一标准判定。被判定人可在规定工作日内申诉，由原判定人以外的人复核。"
)
PREAMBLE_EN = (
    "This standard holds for all tickets. It is applied both ways: the back office marks tickets badly recorded or misrouted, "
    "the front office marks handling and answers that do not help; inspection uses the same codes. Whoever is marked may "
    "appeal within the working days named here, and is re-judged by somebody else."
)


def _code(
    code: str, names: tuple[str, str], direction: str, points: int, examples: tuple[str, str], *, is_fatal: bool = False
) -> dict[str, Any]:
    return {
        "code": code, "name": names[0], "name_en": names[1], "direction": direction, "points": points,
        "examples": examples[0], "examples_en": examples[1], "is_fatal": is_fatal,
    }  # fmt: skip


CODES: tuple[dict[str, Any], ...] = (
    _code("F01", ("客户诉求未写清", "What the customer wants is not clear"), "front", 2, (
        "只写“客户投诉网络差”，未写时间、地点、现象和要求。",
        "Only “bad network”: no time, place, symptom, or what the customer asks for.")),
    _code("F02", ("关键信息漏填或填错", "Key facts missing or wrong"), "front", 2, (
        "故障号码少一位；缺安装地址；账期写错。",
        "A digit missing in the number; no address; wrong billing month.")),
    _code("F03", ("联系电话无法接通或错误", "Contact number wrong"), "front", 3, (
        "后台三次联系均为空号，录音中客户报的是另一号码。",
        "The number does not exist; on the recording the customer said another one.")),
    _code("F04", ("投诉分类选错", "Wrong category"), "front", 1, (
        "宽带断网录成资费争议，导致专项数据缺失。", "A broken line recorded as a tariff dispute.")),
    _code("F05", ("派错部门", "Misrouted"), "front", 2, (
        "计费问题派到网络部，往返一天。", "A billing matter sent to the network department.")),
    _code("F06", ("应当场解决而派单", "Could have been solved at once"), "front", 2, (
        "知识库有答案、权限范围内的减免，仍派后台处理。",
        "The knowledge base has the answer, or the refund was within the agent's authority.")),
    _code("F07", ("重复派单", "Recorded twice"), "front", 1, (
        "同一客户同一问题有在途工单，未催办而新建。", "There was an open ticket about the same matter.")),
    _code("F08", ("级别判定错误", "Wrong severity"), "front", 2, (
        "客户明确表示向管理部门申诉，仍按一般级别录入。", "The customer spoke of the authority, yet it was recorded as ordinary.")),
    _code("B01", ("答非所问", "The answer misses the question"), "back", 3, (
        "客户问扣费原因，回复“已按规定处理”。", "Asked why he was charged, the answer is “dealt with by the rules”.")),
    _code("B02", ("处理意见无依据或无结论", "No finding, or none supported"), "back", 2, (
        "只写“已核实”，没有核实方法、结果和时间。", "Only “checked”: not how, what was found, or when.")),
    _code("B03", ("未联系客户即办结", "Finished without speaking to the customer"), "back", 4, (
        "回复称已联系客户，通话记录中没有外呼。", "The answer says the customer was called; there is no such call.")),
    _code("B04", ("推诿退单", "Sent back without reason"), "back", 3, (
        "属于本部门职责，以“资料不全”退回，资料实际齐全。", "Its own task, sent back for “missing facts” that were there.")),
    _code("B05", ("承诺未兑现", "A promise not kept"), "back", 4, (
        "承诺 48 小时内上门，到期未上门也未联系客户。", "A visit within 48 hours was promised and not made.")),
    _code("B06", ("逾期且未说明", "Late without a word"), "back", 2, (
        "超过时限后才回复，期间没有任何进展说明。", "Answered after the limit, with no news in between.")),
    _code("X01", ("态度生硬、用语不当", "Rude or unfit words"), "any", 5, (
        "对客户使用指责性语言；处理意见中嘲讽同事或客户。", "Blames or mocks the customer or a colleague.")),
    _code("X02", ("泄露客户信息", "Customer's data disclosed"), "any", 10, (
        "把客户身份证号、详单发给无关人员。", "Sent identity numbers or call records to people they do not concern."), is_fatal=True),
    _code("X03", ("弄虚作假", "Falsified"), "any", 10, (
        "伪造处理记录、代替客户评价满意。", "Made-up records; rated as satisfied in the customer's place."), is_fatal=True),
)  # fmt: skip

#: Kinds of hidden risks: code, name, English name.
RISK_KINDS = (
    ("network", "网络与设备", "Network and equipment"),
    ("product", "产品资费", "Product or tariff"),
    ("process", "流程规定", "Process or rules"),
    ("service", "服务规范", "Service and conduct"),
    ("billing", "计费账务", "Billing"),
    ("security", "信息安全", "Personal data and security"),
    ("safety", "人身安全", "Safety of people"),
    ("other", "其他", "Something else"),
)
