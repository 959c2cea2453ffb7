"""Rules of the trade, delivered ready: loaded by a button and by the starter content, then the house's own to change.

Codes of severities, categories and tags are those of the starter content; a rule whose category or tag a house does not
have comes out of use, for a person to complete.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from onepoint.sla.states import AfterReopening, Area, ClockKind

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True)
class Preset:
    """One delivered rule; ``by_code`` names nodes by code, which the house's own ids are put in for."""

    key: str
    name: str
    name_en: str
    values: dict[str, Any] = field(default_factory=dict)
    by_code: dict[str, str] = field(default_factory=dict)


_STATUTORY = {
    "kind": ClockKind.STATUTORY,
    "in_working_time": False,
    "pauses_on_hold": False,
    "pauses_on_waiting": False,
}

PRESETS = (
    Preset("telecom_complaint", "电信投诉 15 日答复", "Telecom complaint: answer within 15 days", {
        **_STATUTORY, "subject_kinds": ["complaint"], "limit": 15 * _DAY, "warnings": "7d 12d 14d",
        "source": "电信用户申诉处理办法（工业和信息化部令第35号）",
    }),
    Preset("regulator_complaint", "监管转办 10 日办结", "Handed over by the regulator: 10 days", {
        **_STATUTORY, "limit": 10 * _DAY, "warnings": "5d 8d 9d", "tag": "监管转办",
        "source": "监管机构转办要求",
    }),
    Preset("repair_urban", "城镇故障修复 48 小时", "Fault repair, urban: 48 hours", {
        **_STATUTORY, "subject_kinds": ["repair"], "limit": 48 * _HOUR, "warnings": "50% 80%", "area": Area.URBAN,
        "pauses_on_waiting": True, "source": "电信服务规范（信息产业部令第36号）",
    }),
    Preset("repair_rural", "农村故障修复 72 小时", "Fault repair, rural: 72 hours", {
        **_STATUTORY, "subject_kinds": ["repair"], "limit": 72 * _HOUR, "warnings": "50% 80%", "area": Area.RURAL,
        "pauses_on_waiting": True, "source": "电信服务规范（信息产业部令第36号）",
    }),
    Preset("machine_response", "机床故障 2 小时响应", "Machine tools: response within 2 hours", {
        "kind": ClockKind.FIRST_RESPONSE, "limit": 2 * _HOUR, "in_working_time": True, "warnings": "50% 80%",
        "after_reopening": AfterReopening.RESTART,
    }, {"category": "machine_tools"}),
    Preset("first_response", "首次响应 4 工作小时", "First response: 4 working hours", {
        "kind": ClockKind.FIRST_RESPONSE, "limit": 4 * _HOUR, "in_working_time": True, "warnings": "50% 80%",
        "after_reopening": AfterReopening.RESTART,
    }),
    Preset("first_response_critical", "特急首次响应 30 分钟", "Critical: first response within 30 minutes", {
        "kind": ClockKind.FIRST_RESPONSE, "limit": timedelta(minutes=30), "in_working_time": False, "warnings": "50% 80%",
        "severities": ["critical"], "after_reopening": AfterReopening.RESTART,
    }),
    Preset("total_critical", "特急 4 小时办结", "Critical: settled within 4 hours", {
        "kind": ClockKind.TOTAL, "limit": 4 * _HOUR, "in_working_time": False, "warnings": "50% 80%",
        "severities": ["critical"], "after_reopening": AfterReopening.NEW_LIMIT, "reopened_limit": 2 * _HOUR,
    }),
    Preset("total_major", "重要 24 小时办结", "Major: settled within 24 hours", {
        "kind": ClockKind.TOTAL, "limit": 24 * _HOUR, "in_working_time": False, "warnings": "50% 80%",
        "severities": ["major"], "after_reopening": AfterReopening.NEW_LIMIT, "reopened_limit": 12 * _HOUR,
    }),
    Preset("total_normal", "一般 16 工作小时办结", "Normal: settled within 16 working hours", {
        "kind": ClockKind.TOTAL, "limit": 16 * _HOUR, "in_working_time": True, "warnings": "50% 80%",
        "severities": ["normal"], "after_reopening": AfterReopening.NEW_LIMIT, "reopened_limit": 8 * _HOUR,
    }),
    Preset("total_minor", "轻微 40 工作小时办结", "Minor: settled within 40 working hours", {
        "kind": ClockKind.TOTAL, "limit": 40 * _HOUR, "in_working_time": True, "warnings": "80%",
        "severities": ["minor"], "after_reopening": AfterReopening.RESTART,
    }),
)  # fmt: skip
