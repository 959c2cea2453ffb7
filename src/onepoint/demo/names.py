"""Invented people, companies, addresses and telephone numbers, the same for the same seed."""

import random
from dataclasses import dataclass

from pypinyin import lazy_pinyin

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英文华玉兰飞鹏慧红建国志林海燕春梅晓东雪松浩宇欣怡子涵梓萱俊峰思远雨桐嘉豪佳宁亚男立新庆云德胜永康少华宗岩若曦一鸣书豪"
_COMPANY_STEMS = (
    "宏达 鑫源 华瑞 东升 正泰 恒信 金桥 中原 长江 楚天 荆楚 远大 新锐 博联 汇通 天成 永盛 兴业 众合 立德".split()
)
_COMPANY_KINDS = ("商贸有限公司", "科技有限公司", "物流有限公司", "食品有限公司", "建材有限公司")
_FACTORY_KINDS = (
    "精密机械有限公司",
    "汽车零部件有限公司",
    "模具有限公司",
    "齿轮制造有限公司",
    "重工有限公司",
    "航空零件有限公司",
)
_ROADS = "解放路 人民路 建设大道 中山路 和平大道 滨江路 学府路 工业一路 文化路 友谊大道 长虹路 胜利街".split()


def english_name(name: str) -> str:
    """``"王小明"`` → ``"Wang Xiaoming"``."""
    syllables = lazy_pinyin(name)
    return f"{syllables[0].capitalize()} {''.join(syllables[1:]).capitalize()}"


@dataclass
class Inventor:
    """Draws invented facts from one seeded generator and repeats no full name."""

    random: random.Random

    def __post_init__(self) -> None:
        self._used: set[str] = set()

    def person_name(self) -> str:
        while True:
            given = "".join(self.random.sample(_GIVEN, self.random.choice((1, 2, 2))))
            name = self.random.choice(_SURNAMES) + given
            if name not in self._used:
                self._used.add(name)
                return name

    def company_name(self, place: str, factory: bool = False) -> str:
        kinds = _FACTORY_KINDS if factory else _COMPANY_KINDS
        while True:
            name = place.removesuffix("市") + self.random.choice(_COMPANY_STEMS) + self.random.choice(kinds)
            if name not in self._used:
                self._used.add(name)
                return name

    def mobile_number(self) -> str:
        """A number of the virtual operators' range 170, so that no reader of the demo is called by mistake."""
        return f"170{self.random.randrange(10**8):08d}"

    def landline(self, area_code: str) -> str:
        digits = 8 if area_code in {"027", "021", "024", "028", "0371", "0769"} else 7
        return f"{area_code}-{self.random.randrange(2, 9)}{self.random.randrange(10 ** (digits - 1)):0{digits - 1}d}"

    def identity_number(self) -> str:
        """Eighteen characters whose check digit is wrong on purpose: it is nobody's."""
        body = f"420{self.random.randrange(1000):03d}19{self.random.randrange(55, 99)}0{self.random.randrange(1, 9)}{self.random.randrange(10, 28)}{self.random.randrange(1000):03d}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        right = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
        return body + ("0" if right != "0" else "1")

    def address(self, city: str, county: str) -> str:
        room = f"{self.random.randrange(1, 30)}栋{self.random.randrange(1, 4)}单元{self.random.randrange(101, 3004)}室"
        return f"{city}{county}{self.random.choice(_ROADS)}{self.random.randrange(1, 400)}号{room}"

    def serial_number(self, model: str) -> str:
        return f"{model.replace(' ', '')}-{self.random.randrange(2016, 2027)}{self.random.randrange(10000):04d}"
