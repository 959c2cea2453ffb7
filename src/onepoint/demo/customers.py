"""The demo's customers: people and companies of the province, and factories that own machines."""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta

from onepoint.accounts.models import OrgUnit, Region
from onepoint.core import clock
from onepoint.customers import services
from onepoint.customers.models import Customer, CustomerLevel
from onepoint.customers.services import NewAccount
from onepoint.customers.states import AccountKind, CustomerKind
from onepoint.demo.names import Inventor, english_name

PEOPLE = 210
COMPANIES = 40
FACTORIES = 60
#: Share of customers per city; the remaining cities share what is left evenly.
_CITY_WEIGHTS = {"WUH": 30, "YIC": 10, "XIA": 10, "JIZ": 9, "HGG": 6, "XGN": 6}
_MODELS = {
    "数控车床": ("CK6150", "CK6163", "HTC2050"),
    "立式加工中心": ("VMC850", "VMC1165", "VMC1580"),
    "卧式加工中心": ("HMC63", "HMC80"),
    "滚齿机": ("YK3150", "Y3180"),
    "龙门铣床": ("GMC2040", "GMC3060"),
}
_PLANS = ("畅享套餐129", "5G 套餐 159", "家庭融合套餐 199", "流量卡 39", "银龄卡 29")


def build_customers(regions: dict[str, Region], units: dict[str, OrgUnit], seed: int, tick: Callable[[], None]) -> None:
    """Register the demo's customers once; calls ``tick`` after each."""
    if Customer.objects.exists():
        return
    chance = random.Random(seed)
    inventor = Inventor(chance)
    levels = {level.code: level for level in CustomerLevel.objects.all()}
    cities = [region for region in regions.values() if region.parent_id == regions["HB"].pk]
    weights = [_CITY_WEIGHTS.get(city.code, 3) for city in cities]
    counties = {city.pk: list(Region.objects.filter(parent=city)) for city in cities}
    for number in range(PEOPLE + COMPANIES):
        city = chance.choices(cities, weights)[0]
        with clock.at(_long_ago(chance)):
            _register_subscriber(
                inventor, chance, city, chance.choice(counties[city.pk]), units, levels, number >= PEOPLE
            )
        tick()
    places = [regions[code] for code in ("SHY", "SHA", "DGN", "ZZH", "CDU")]
    for _ in range(FACTORIES):
        with clock.at(_long_ago(chance)):
            _register_factory(inventor, chance, chance.choice(places), units, levels)
        tick()


def _long_ago(chance: random.Random) -> datetime:
    """When a customer was registered: two months to five years ago, in office hours."""
    day = clock.now() - timedelta(days=chance.randrange(60, 1800))
    return day.replace(hour=chance.randrange(1, 9), minute=chance.randrange(60))


def _register_subscriber(
    inventor: Inventor,
    chance: random.Random,
    city: Region,
    county: Region,
    units: dict[str, OrgUnit],
    levels: dict[str, CustomerLevel],
    is_company: bool,
) -> None:
    name = inventor.company_name(city.name) if is_company else inventor.person_name()
    accounts = [NewAccount(inventor.mobile_number(), AccountKind.MOBILE, chance.choice(_PLANS), is_primary=True)]
    if is_company or chance.random() < 0.35:
        accounts.append(NewAccount(inventor.landline(city.area_code), AccountKind.LANDLINE))
    if is_company or chance.random() < 0.6:
        account = f"{city.code.lower()}{chance.randrange(10**8):08d}"
        accounts.append(
            NewAccount(account, AccountKind.BROADBAND, chance.choice(("千兆宽带", "500M 宽带", "300M 宽带")))
        )
    level = chance.choices(("ordinary", "silver", "gold", "diamond"), (60, 22, 13, 5))[0]
    customer = services.create_customer(
        name=name,
        name_en="" if is_company else english_name(name),
        kind=CustomerKind.COMPANY if is_company else CustomerKind.PERSON,
        region=county,
        unit=units[city.code.lower()],
        level=levels[level],
        id_number="" if is_company else inventor.identity_number(),
        address=inventor.address(city.name, county.name),
        accounts=accounts,
        despite_duplicates=True,
        by=None,
    )
    if is_company:
        contact = inventor.person_name()
        services.add_contact_person(
            customer, name=contact, relation="行政经理", phone=inventor.mobile_number(), by=None
        )
    if len(accounts) > 2 or is_company:
        _add_home_device(customer, inventor, chance)


def _add_home_device(customer: Customer, inventor: Inventor, chance: random.Random) -> None:
    installed = clock.today() - timedelta(days=chance.randrange(30, 1500))
    model = chance.choice(("HG6145", "F650A", "B860AV"))
    services.add_asset(
        customer,
        product="智能光猫",
        model=model,
        serial_number=inventor.serial_number(model),
        installed_on=installed,
        warranty_until=installed + timedelta(days=730),
        by=None,
    )


def _register_factory(
    inventor: Inventor, chance: random.Random, city: Region, units: dict[str, OrgUnit], levels: dict[str, CustomerLevel]
) -> None:
    customer = services.create_customer(
        name=inventor.company_name(city.name.removesuffix("区"), factory=True),
        kind=CustomerKind.COMPANY,
        region=city,
        unit=units["mt"],
        level=levels[chance.choices(("ordinary", "silver", "gold", "diamond"), (40, 30, 20, 10))[0]],
        address=inventor.address(city.name, ""),
        accounts=[NewAccount(inventor.landline(city.area_code), AccountKind.LANDLINE, is_primary=True)],
        despite_duplicates=True,
        by=None,
    )
    for title in ("设备科长", "生产经理")[: chance.randrange(1, 3)]:
        services.add_contact_person(
            customer, name=inventor.person_name(), relation=title, phone=inventor.mobile_number(), by=None
        )
    for _ in range(chance.randrange(1, 5)):
        product = chance.choice(list(_MODELS))
        model = chance.choice(_MODELS[product])
        installed: date = clock.today() - timedelta(days=chance.randrange(60, 2500))
        services.add_asset(
            customer,
            product=product,
            model=model,
            serial_number=inventor.serial_number(model),
            installed_on=installed,
            warranty_until=installed + timedelta(days=365 * chance.choice((1, 2, 3))),
            contract_number=f"HT{installed:%Y%m}{chance.randrange(1000):03d}",
            by=None,
        )
