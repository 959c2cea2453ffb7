"""What a new house starts with, and the demo: a province's operator and a machine-tool group with people and tickets.

``starter`` lays down what every installation needs (roles, severity standard, category tree, special-item forms,
delivered processes, a first administrator). The rest makes the demo organisation and lets its people work through the
services at past moments, so that its history is believable because it happened.
"""

#: Everybody in the demo logs in with this password.
PASSWORD = "Onepoint-2026"


def logins() -> list[tuple[str, str, str]]:
    """Some people of the demo to start with: staff number, password, who they are."""
    return [
        ("admin", PASSWORD, "系统管理员 Administrator"),
        ("agent1", PASSWORD, "热线坐席 Hotline agent"),
        ("wuh.coordinator", PASSWORD, "武汉工单协调员 Coordinator, Wuhan"),
        ("wuh.network", PASSWORD, "武汉网络部接口人 Interface person, Wuhan network"),
        ("wuh.network2", PASSWORD, "武汉网络部处理人 Handler, Wuhan network"),
        ("wuh.billing", PASSWORD, "武汉计费室接口人 Interface person, Wuhan billing"),
        ("visitor1", PASSWORD, "回访员 Return-visit agent"),
        ("op.quality", PASSWORD, "质检主管 Head of quality"),
        ("duty", PASSWORD, "值班经理 Duty manager"),
        ("designer", PASSWORD, "流程设计员 Process designer"),
        ("mt.agent", PASSWORD, "机床集团坐席 Agent, machine-tool group"),
        ("us-south.coordinator", PASSWORD, "美国南部协调员 Coordinator, US South"),
        ("yic.coordinator", PASSWORD, "宜昌工单协调员（外市）Coordinator, Yichang"),
    ]
