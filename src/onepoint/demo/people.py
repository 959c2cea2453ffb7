"""The demo's staff: some eighty people with positions, roles and departments' interface posts."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from onepoint.accounts import services
from onepoint.accounts.models import OrgUnit, Position, Region, Role, User
from onepoint.core import clock
from onepoint.demo import PASSWORD
from onepoint.demo.names import Inventor, english_name
from onepoint.demo.reading import read

GROUP_REGIONS = ("LN", "SH", "GD", "HEN", "SC")


@dataclass(frozen=True)
class Post:
    """One person to be: staff number, unit, title and roles."""

    username: str
    unit: str
    title: str
    title_en: str
    roles: tuple[str, ...]
    is_interface: bool = False
    regions: tuple[str, ...] = ()  # named regions instead of the role's usual scope


def _head_office() -> Iterator[Post]:
    yield Post("admin", "op", "系统管理员", "Administrator", ("admin",))
    yield Post("designer", "op-it", "流程设计员", "Process designer", ("designer",))
    yield Post("duty", "op-service", "值班经理", "Duty manager", ("supervisor",))
    yield Post("director", "op", "分管副总", "Deputy director", ("executive",))
    for department in ("network", "billing"):
        yield Post(f"op.{department}", f"op-{department}", "接口人", "Interface person", ("handler",), True)
        yield Post(f"op.{department}2", f"op-{department}", "技术主管", "Engineer", ("handler",), True)
    for department in ("market", "enterprise", "it"):
        yield Post(f"op.{department}", f"op-{department}", "接口人", "Interface person", ("handler",), True)
    for number in range(1, 7):
        yield Post(f"agent{number}", f"op-team{1 + number % 2}", "热线坐席", "Hotline agent", ("agent",))
    for number in (1, 2):
        yield Post(f"visitor{number}", "op-visit", "回访员", "Return-visit agent", ("visitor",))
    yield Post("crisis", "op-crisis", "危机处理专席", "Crisis seat", ("crisis_seat", "coordinator", "agent"))


def _branches() -> Iterator[Post]:
    facts = read("organisation")
    hubei = next(province for province in facts["regions"]["provinces"] if province["code"] == "HB")
    for city in hubei["cities"]:
        code = city.lower()
        yield Post(f"{code}.coordinator", code, "工单协调员", "Coordinator", ("coordinator",))
        yield Post(f"{code}.network", f"{code}-network", "网络接口人", "Network interface person", ("handler",), True)
        if city in facts["operator"]["large_cities"]:
            yield Post(f"{code}.network2", f"{code}-network", "网络维护员", "Network engineer", ("handler",), True)
            yield Post(
                f"{code}.billing", f"{code}-billing", "账务接口人", "Billing interface person", ("handler",), True
            )
            yield Post(f"{code}.clerk", f"{code}-hall", "营业员", "Counter clerk", ("counter_clerk",))


def _group() -> Iterator[Post]:
    for number, name in enumerate(("mt.agent", "mt.agent2"), start=1):
        yield Post(name, "mt-calls", f"坐席{number}", f"Agent {number}", ("agent",), regions=GROUP_REGIONS)
    yield Post("mt.coordinator", "mt-calls", "工单协调员", "Coordinator", ("coordinator",), regions=GROUP_REGIONS)
    yield Post("mt.visitor", "mt-calls", "回访员", "Return-visit agent", ("visitor",), regions=GROUP_REGIONS)
    for unit in ("lathe", "mill", "gear"):
        yield Post(f"mt.{unit}", f"mt-{unit}-service", "售后接口人", "After-sales interface person", ("handler",), True)
    for unit in ("lathe", "mill"):
        yield Post(f"mt.{unit}2", f"mt-{unit}-service", "售后工程师", "Service engineer", ("handler",), True)
    yield Post("mt.parts", "mt-parts", "备件计划员", "Parts planner", ("handler",), True)
    yield Post("mt.dispatch", "mt-dispatch", "调度员", "Dispatcher", ("handler",), True)
    for platform in read("organisation")["group"]["platforms"]:
        place = platform.removeprefix("mt-")
        yield Post(f"mt.{place}", platform, "平台主任", "Platform head", ("handler",), True)


def _abroad() -> Iterator[Post]:
    for unit in read("organisation")["service_centres_abroad"]["units"]:
        yield Post(f"{unit}.coordinator", unit, "区域协调员", "Regional coordinator", ("coordinator", "agent"), True)


def _late_comers() -> Iterator[Post]:
    """People the house came to need later; last, so that everybody else keeps his name."""
    yield Post("op.auditor", "op", "授权稽核员", "Auditor of grants", ("auditor",))
    yield Post("sysadmin", "op-it", "系统管理员", "System administrator", ("system_admin",))
    yield Post("secadmin", "op-it", "安全管理员", "Security administrator", ("security_admin",))
    yield Post("auditadmin", "op-it", "审计员", "Audit administrator", ("audit_admin",))
    yield Post("op.inspector1", "op-service", "质检员", "Inspector", ("inspector",))
    yield Post("op.inspector2", "op-service", "质检员", "Inspector", ("inspector",))
    yield Post("op.quality", "op-service", "质检主管", "Head of quality", ("quality_lead",))
    yield Post("op.privacy", "op-service", "个人信息保护专员", "Personal data officer", ("data_officer",))


def all_posts() -> list[Post]:
    return [*_head_office(), *_branches(), *_group(), *_abroad(), *_late_comers()]


def build_people(units: dict[str, OrgUnit], regions: dict[str, Region], seed: int) -> dict[str, User]:
    """Everybody of :func:`all_posts`, by staff number; people who are there already are left as they are."""
    inventor = Inventor(random.Random(seed))
    roles = {role.code: role for role in Role.objects.all()}
    people: dict[str, User] = {}
    interface: dict[str, list[User]] = {}
    for post in all_posts():
        name = inventor.person_name()
        phone = inventor.mobile_number()
        person = User.objects.filter(username=post.username).first()
        if person is None:
            person = _hire(post, name, phone, units, roles, [regions[code] for code in post.regions])
        people[post.username] = person
        if post.is_interface:
            interface.setdefault(post.unit, []).append(person)
    for code, posts in interface.items():
        services.arrange_interface_people(units[code], people=posts, by=None)
    return people


def give_passwords() -> None:
    """Let everybody log in who cannot yet. One hash for all: eighty slow ones would be a third of a first start."""
    without = User.objects.filter(username__in=[post.username for post in all_posts()], password_set_at=None)
    without.update(password=make_password(PASSWORD), password_set_at=clock.now())


def _hire(
    post: Post, name: str, phone: str, units: dict[str, OrgUnit], roles: dict[str, Role], regions: Sequence[Region]
) -> User:
    unit = units[post.unit]
    abroad = post.unit.startswith("us")
    person = services.create_person(
        username=post.username,
        name=name,
        name_en=english_name(name),
        unit=unit,
        password=None,
        phone=phone,
        email=f"{post.username}@example.com",
        language="en" if abroad else "zh-hans",
        must_change_password=False,
        by=None,
    )
    position = Position.objects.filter(unit=unit, name=post.title).first() or services.create_position(
        unit, name=post.title, name_en=post.title_en, by=None
    )
    services.appoint_person(person, position=position, by=None)
    for code in post.roles:
        services.grant_role(
            person, role=roles[code], unit=unit, data_scope="named" if regions else "", regions=regions, by=None
        )
    return person
