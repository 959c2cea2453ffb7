"""Who and what a telling is about: invented customers with their numbers, and words that make each text its own."""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from onepoint.channels.lookup_keys import search_keys_of as contact_search_keys
from onepoint.core.sealed_fields import seal_text
from onepoint.core.search_keys import name_keys, squeeze, text_keys
from onepoint.core.text import pinyin_key
from onepoint.customers import lookup_keys
from onepoint.customers.lookup_keys import id_key
from onepoint.customers.phone_numbers import normalise, stored_forms
from onepoint.customers.states import AccountKind, CustomerKind
from onepoint.demo.names import Inventor, english_name
from onepoint.demo.scale.stories import Story
from onepoint.tickets.services.creation import search_keys_of as ticket_search_keys
from onepoint.tickets.services.search_index import document_of

#: Mobile numbers of the range 170 in an order that meets each of them once before any comes again.
_MOBILES, _STRIDE = 10**8, 61_803_399
_COMPANY_FIRST = "宏鑫华东正恒金中长楚荆远新博汇天永兴众立瑞德盛隆泰昌达安顺诚广合顺联创智慧"
_COMPANY_SECOND = "达源瑞升泰信桥原江天楚大锐联通成盛业合德丰茂祥福康宁图和润海洋山峰"
_COMPANY_KINDS = ("商贸有限公司", "科技有限公司", "物流有限公司", "食品有限公司", "建材有限公司", "酒店管理有限公司")
_FACTORY_KINDS = ("精密机械有限公司", "汽车零部件有限公司", "模具有限公司", "齿轮制造有限公司", "重工有限公司")
_PLACES = (
    "锦绣花园 阳光新城 滨江国际 万和家园 学府雅苑 金色港湾 翠湖名邸 工业一路 解放大道 建设三路 人民医院 火车站 大学城 "
    "汉正街 东湖科技园 开发区 物流园 中心小学 步行街 城南新区"
).split()
_SINCE = "昨晚起 今天上午起 前天起 上周末起 雨后 停电以后 搬家以后 换套餐以后 本月初起 连续三天 晚上八点以后 午休时间".split()
_HOW = "一直如此 时好时坏 每天都有 多次重启无效 越来越频繁 只在室内 所有设备都一样 已报修过一次 影响孩子上网课 影响店里收款".split()
_WISH = (
    "希望尽快处理 要求今天答复 要求上门查看 希望给出书面说明 要求退还费用 要求说明原因 希望下午六点后联系 请先电话联系 "
    "再不解决就要投诉到主管部门 希望固定专人跟进"
).split()
_ADDED = (
    "" , "", "已电话告知客户。", "客户情绪平稳。", "已留存测试截图。", "同址其他用户未见异常。", "附近另有两户反映同样情况。",
    "已登记台账。", "客户表示理解。", "备件已到位。", "请后续环节关注。", "已与装维班组核对。",
)  # fmt: skip


_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英文华玉兰飞鹏慧红建国志林海燕春梅晓东雪松浩宇欣怡子涵梓萱俊峰思远雨桐嘉豪佳宁亚男立新庆云德胜永康少华宗岩若曦一鸣书豪"


def _given_names() -> list[str]:
    """As among real people, some names are many people's: five hundred, the common ones listed more than once."""
    chance = random.Random("given names")
    names = ["".join(chance.sample(_GIVEN, 2)) for _ in range(400)] + list(dict.fromkeys(_GIVEN))
    return names + names[:60] * 3 + names[:15] * 6


_GIVEN_NAMES = _given_names()


@lru_cache(maxsize=60_000)
def _name_keys(name: str) -> tuple[str, str, tuple[str, ...]]:
    """English form, sort key and search keys of a name; reading Chinese aloud is the dearest part of a customer."""
    return english_name(name), pinyin_key(name, 200), tuple(sorted(name_keys(name, english_name(name))))


@lru_cache(maxsize=60_000)
def _company_keys(name: str) -> tuple[str, tuple[str, ...]]:
    return pinyin_key(name, 200), tuple(sorted(name_keys(name)))


@lru_cache(maxsize=60_000)
def _words_of(text: str) -> frozenset[str]:
    return frozenset(text_keys(text))


#: A place of a word in the literal of a search document, and the last one PostgreSQL keeps.
_PLACE, _LAST_PLACE = re.compile(r"(?<=[:,])\d+"), 16_383


def _last_place(literal: str) -> int:
    return max((int(place) for place in _PLACE.findall(literal)), default=0)


def _moved(literal: str, by: int) -> str:
    """The literal of a search document with every place ``by`` further on."""
    return _PLACE.sub(lambda found: str(min(int(found[0]) + by, _LAST_PLACE)), literal)


@dataclass
class Person:
    """An invented customer, as far as tickets need to know."""

    story: Story
    name: str
    name_en: str
    number: str
    account_key: str = ""
    phone: str = ""
    phone_key: str = ""
    phone_keys: frozenset[str] = frozenset()
    rows: dict[str, int] = field(default_factory=dict)  # table → first id of its rows


@lru_cache(maxsize=5000)
def _number_forms(head: str, length: int, area_code: str) -> tuple[str, tuple[str, ...]]:
    """The canonical form and the stored forms of the numbers that begin with ``head``, "{}" for the rest."""
    rest = "2468013579"[:length]
    forms = tuple(form.replace(rest, "{}") for form in stored_forms(head + rest, area_code))
    return normalise(head + rest, area_code).replace(rest, "{}"), forms


def phone_keys(value: str, area_code: str, head: int) -> tuple[str, frozenset[str]]:
    """Canonical form and search keys of a number whose kind is decided by its first ``head`` characters."""
    canonical, forms = _number_forms(value[:head], len(value) - head, area_code)
    rest = value[head:]
    return canonical.format(rest), frozenset({form.format(rest) for form in forms} | {squeeze(value)})


def array(keys: Iterable[str]) -> str:
    """A text array as COPY wants it."""
    return "{" + ",".join(f'"{key}"' for key in keys if '"' not in key and "\\" not in key) + "}"


class Wording:
    """Draws words for one batch from its own seeded generator; ``first`` is the ordinal of its first customer."""

    def __init__(self, chance: random.Random, regions: dict[int, Any], first: int) -> None:
        self.chance, self.regions = chance, regions
        self.ordinal = first
        self.inventor = Inventor(chance)
        self._numbers = first * 3

    # -- customers ----------------------------------------------------------------------------------------------

    def customer(self, story: Story, number: str) -> tuple[Person, dict[str, str]]:
        """Another customer like the one of the story: same place, level and belongings; and what its rows leave open."""
        facts = story.facts
        region = self.regions[int(facts["region_id"])]
        if facts["kind"] == CustomerKind.COMPANY:
            name, name_en = self._company(region, facts), ""
            sort_key, keys = _company_keys(name)
        else:
            name = self._person_name()
            name_en, sort_key, keys = _name_keys(name)
        identity = self.inventor.identity_number() if facts["id_number"] else ""
        open_values = {
            "customer_number": number, "customer_name": name, "customer_name_en": name_en,
            "customer_name_key": sort_key, "identity": seal_text(identity), "identity_key": id_key(identity),
            "address": self._address(facts["address"]),
        }  # fmt: skip
        person = Person(story, name, name_en, number)
        found = {*keys, squeeze(number), id_key(identity)} - {""}
        found |= self._accounts(story, person, region, open_values)
        found |= self._assets(story, open_values) | self._contact_persons(story, open_values)
        open_values["customer_keys"] = array(found)
        return person, open_values

    def _person_name(self) -> str:
        return self.chance.choice(_SURNAMES) + self.chance.choice(_GIVEN_NAMES)

    def _company(self, region: Any, facts: dict[str, Any]) -> str:
        place = region.city_name.removesuffix("市").removesuffix("区")
        stem = self.chance.choice(_COMPANY_FIRST) + self.chance.choice(_COMPANY_SECOND)
        return place + stem + self.chance.choice(_FACTORY_KINDS if facts.get("is_factory") else _COMPANY_KINDS)

    def _address(self, pattern: str) -> str:
        """The address of the story's customer, at another door."""
        if not pattern:
            return ""
        head = pattern.split("号")[0].rstrip("0123456789")
        room = f"{self.chance.randrange(1, 30)}栋{self.chance.randrange(1, 4)}单元{self.chance.randrange(101, 3004)}室"
        return f"{head}{self.chance.randrange(1, 400)}号{room}"

    def mobile(self) -> str:
        self._numbers += 1
        return f"170{self._numbers * _STRIDE % _MOBILES:08d}"

    def _accounts(self, story: Story, person: Person, region: Any, open_values: dict[str, str]) -> set[str]:
        keys: set[str] = set()
        for place, (kind, is_primary) in enumerate(story.facts["accounts"]):
            if kind in (AccountKind.MOBILE, AccountKind.LANDLINE):
                value = self.mobile() if kind == AccountKind.MOBILE else self.inventor.landline(region.area_code)
                is_mobile = kind == AccountKind.MOBILE
                key, forms = phone_keys(value, "" if is_mobile else region.area_code, 3 if is_mobile else -6)
                keys |= forms
            else:
                value = f"{region.city_code.lower()}{self.chance.randrange(10**10):010d}"
                key = squeeze(value)
                keys.add(key)
                forms = frozenset({key})
            open_values[f"account_{place}"], open_values[f"account_key_{place}"] = value, key
            if is_primary:
                person.phone, person.phone_key, person.account_key = value, key, key
                person.phone_keys = frozenset(forms)
        return keys

    def _assets(self, story: Story, open_values: dict[str, str]) -> set[str]:
        keys: set[str] = set()
        for place, (model, contract) in enumerate(story.facts["assets"]):
            self._numbers += 1
            serial = f"{model.replace(' ', '')}-{self.chance.randrange(2016, 2027)}{self._numbers:07d}"
            open_values[f"serial_{place}"], open_values[f"serial_key_{place}"] = serial, squeeze(serial)
            keys |= lookup_keys.asset_keys(serial, contract)
        return keys

    def _contact_persons(self, story: Story, open_values: dict[str, str]) -> set[str]:
        keys: set[str] = set()
        for place in range(story.facts["contact_persons"]):
            name, phone = self._person_name(), self.mobile()
            key, forms = phone_keys(phone, "", 3)
            open_values[f"person_{place}"] = name
            open_values[f"person_phone_{place}"], open_values[f"person_phone_key_{place}"] = phone, key
            keys |= {*_name_keys(name)[2], *forms}
        return keys

    # -- tickets and enquiries ------------------------------------------------------------------------------------

    def words(self, story: Story) -> dict[str, str]:
        """What makes this telling read differently from the others."""
        draw = self.chance.choice
        place, since = draw(_PLACES), draw(_SINCE)
        more = f"（{place}{self.chance.randrange(1, 60)}号）"
        values = {
            "more_title": more,
            "more_text": f"补充：{since}，{draw(_HOW)}，{draw(_WISH)}。地点{place}附近。",
        }
        for opinion in range(story.counts.get("workflow_opinion", 0)):
            values[f"say_{opinion}"] = draw(_ADDED)
        return values

    def keys(self, story: Story, person: Person | None, values: dict[str, str]) -> dict[str, str]:
        """Search keys by the functions the services use: those of the story's own words once, then what is new in it."""
        new = {values["ticket_number"].lower()} if "ticket_number" in values else set()
        new |= _words_of(values["more_title"])
        if person:
            new |= _words_of(person.name) | _words_of(person.name_en) | person.phone_keys | {person.number.lower()}
        found: dict[str, str] = {}
        if "ticket_number" in values:
            found["ticket_keys"] = array(self._own_ticket_keys(story) | new)
            found |= self._document(story, person, values)
        if "contact_number" in values:
            more = text_keys(values["more_text"]) | {squeeze(values["contact_number"])}
            found["contact_keys"] = array(self._own_contact_keys(story) | new | more)
        return found

    def _document(self, story: Story, person: Person | None, values: dict[str, str]) -> dict[str, str]:
        """The search document: that of the story's own words once, followed by what is new in this telling."""
        if "document" not in story.facts:
            own = document_of(
                number="", title=story.facts["title"], description=story.facts["description"],
                special_items=story.facts["special_items_of"], others=story.facts["says"],
            )  # fmt: skip
            story.facts["document"] = [(text, _last_place(text)) for text in (own.seg, own.bigram)]
        says = [text for name, text in values.items() if name.startswith("say_") and text]
        names = [person.name, person.name_en] if person else []
        fresh = document_of(
            number=values["ticket_number"], title=values["more_title"], names=names, description=values["more_text"],
            others=says,
        )  # fmt: skip
        texts = [
            f"{own} {_moved(new, last + 1)}"
            for (own, last), new in zip(story.facts["document"], (fresh.seg, fresh.bigram), strict=True)
        ]
        return dict(zip(("seg", "bigram"), texts, strict=True))

    def _own_ticket_keys(self, story: Story) -> set[str]:
        if "ticket_keys" not in story.facts:
            ticket: Any = SimpleNamespace(
                customer=None, title=story.facts["title"], contact_name="", description=story.facts["description"],
                region=None, contact_phone="", account=None, number="", external_number="",
            )  # fmt: skip
            story.facts["ticket_keys"] = set(ticket_search_keys(ticket))
        keys: set[str] = story.facts["ticket_keys"]
        return keys

    def _own_contact_keys(self, story: Story) -> set[str]:
        if "contact_keys" not in story.facts:
            contact: Any = SimpleNamespace(
                region=None, subject=story.facts["contact_subject"], content=story.facts["contact_content"],
                caller_name="", caller_number="", number="", ticket_number="", customer=None,
            )  # fmt: skip
            story.facts["contact_keys"] = set(contact_search_keys(contact))
        keys: set[str] = story.facts["contact_keys"]
        return keys
