"""Builds the demo's regions and units; what is already there is left as it is."""

from typing import Any

from onepoint.accounts import services
from onepoint.accounts.models import OrgUnit, Region
from onepoint.accounts.states import RegionKind, UnitKind
from onepoint.demo.reading import both_names, read


def _place(tree: type[Region] | type[OrgUnit], parent: Region | OrgUnit | None) -> int:
    """The next place among the children of ``parent``: they stay in the order of the file."""
    return tree.objects.filter(parent=parent).count() + 1


def _region(code: str, names: str, kind: str, parent: Region | None, area_code: str = "") -> Region:
    name, name_en = both_names(names)
    return Region.objects.filter(code=code).first() or services.create_region(
        code=code,
        name=name,
        name_en=name_en,
        kind=kind,
        parent=parent,
        area_code=area_code,
        position_order=_place(Region, parent),
        by=None,
    )


def _unit(
    code: str, names: str, kind: str, region: Region, parent: OrgUnit | None = None, receives_tickets: bool = False
) -> OrgUnit:
    name, name_en = both_names(names)
    return OrgUnit.objects.filter(code=code).first() or services.create_unit(
        code=code,
        name=name,
        name_en=name_en,
        kind=kind,
        region=region,
        parent=parent,
        receives_tickets=receives_tickets,
        position_order=_place(OrgUnit, parent),
        by=None,
    )


def build_regions() -> dict[str, Region]:
    """China with the demo's provinces, cities, districts and counties, and the four areas abroad; by code."""
    facts = read("organisation")
    regions = {}
    country = _region("CN", facts["regions"]["name"], RegionKind.COUNTRY, None)
    for province_facts in facts["regions"]["provinces"]:
        province = _region(province_facts["code"], province_facts["name"], RegionKind.PROVINCE, country)
        regions[province.code] = province
        for code, line in province_facts["cities"].items():
            chinese, english, area_code, counties = (part.strip() for part in line.split("|"))
            city = _region(code, f"{chinese} | {english}", RegionKind.CITY, province, area_code)
            regions[code] = city
            for number, county in enumerate(counties.split(","), start=1):
                names = county.strip().replace("/", " | ")
                kind = RegionKind.DISTRICT if names.split(" | ")[0].endswith("区") else RegionKind.COUNTY
                _region(f"{code}-{number}", names, kind, city, area_code)
    abroad = facts["abroad"]
    regions["US"] = _region("US", abroad["name"], RegionKind.COUNTRY, None)
    for code, names in abroad["areas"].items():
        regions[code] = _region(code, names, RegionKind.AREA, regions["US"])
    return regions


def build_units(regions: dict[str, Region]) -> dict[str, OrgUnit]:
    """The operator, the machine-tool group and the service centres abroad; by code."""
    facts = read("organisation")
    units: dict[str, OrgUnit] = {}
    _build_operator(facts["operator"], regions, units)
    _build_group(facts["group"], regions, units)
    _build_abroad(facts["service_centres_abroad"], regions, units)
    return units


def _build_operator(facts: dict[str, Any], regions: dict[str, Region], units: dict[str, OrgUnit]) -> None:
    province = regions["HB"]
    head = units["op"] = _unit("op", facts["head_office"]["name"], UnitKind.HEAD_OFFICE, province)
    for department in facts["departments"]:
        units[department["code"]] = _unit(
            department["code"], department["name"], UnitKind.DEPARTMENT, province, head, department["receives"]
        )
    calls = facts["call_centre"]
    units[calls["code"]] = _unit(calls["code"], calls["name"], UnitKind.CALL_CENTRE, province, head)
    for code, names in calls["teams"].items():
        units[code] = _unit(code, names, UnitKind.TEAM, province, units[calls["code"]])
    for city in Region.objects.filter(parent=province).order_by("pk"):
        _build_branch(city, facts, head, units)


def _build_branch(city: Region, facts: dict[str, Any], head: OrgUnit, units: dict[str, OrgUnit]) -> None:
    code = city.code.lower()
    branch = units[code] = _unit(code, f"{city.name}分公司 | {city.name_en} Branch", UnitKind.CITY, city, head)
    wanted = facts["city_departments"] if city.code in facts["large_cities"] else ("network", "hall")
    for key in wanted:
        name, name_en = both_names(facts["city_departments"][key])
        kind = UnitKind.HALL if key == "hall" else UnitKind.DEPARTMENT
        names = f"{city.name}{name} | {city.name_en} {name_en}"
        units[f"{code}-{key}"] = _unit(f"{code}-{key}", names, kind, city, branch, receives_tickets=key != "hall")
    for county in Region.objects.filter(parent=city).order_by("pk"):
        names = f"{county.name}分公司 | {county.name_en} Sub-branch"
        units[county.code.lower()] = _unit(county.code.lower(), names, UnitKind.COUNTY, county, branch)


def _build_group(facts: dict[str, Any], regions: dict[str, Region], units: dict[str, OrgUnit]) -> None:
    home = regions[facts["head_office"]["region"]]
    group = units["mt"] = _unit("mt", facts["head_office"]["name"], UnitKind.GROUP, home)
    for code, names in facts["business_units"].items():
        units[code] = _unit(code, names, UnitKind.BUSINESS_UNIT, home, group)
        for function, function_names in facts["functions"].items():
            chinese, english = both_names(names)
            name, name_en = both_names(function_names)
            full = f"{chinese.removesuffix('事业部')}{name} | {english} {name_en}"
            units[f"{code}-{function}"] = _unit(
                f"{code}-{function}", full, UnitKind.DEPARTMENT, home, units[code], True
            )
    for shared in facts["shared"]:
        units[shared["code"]] = _unit(
            shared["code"], shared["name"], shared["kind"], home, group, shared.get("receives", False)
        )
    for code, line in facts["platforms"].items():
        chinese, english, region = (part.strip() for part in line.split("|"))
        units[code] = _unit(code, f"{chinese} | {english}", UnitKind.PLATFORM, regions[region], group, True)


def _build_abroad(facts: dict[str, Any], regions: dict[str, Region], units: dict[str, OrgUnit]) -> None:
    head = units["us"] = _unit("us", facts["head_office"]["name"], UnitKind.HEAD_OFFICE, regions["US"])
    for code, region in facts["units"].items():
        place = regions[region]
        names = f"{place.name}服务中心 | {place.name_en} Service Centre"
        units[code] = _unit(code, names, UnitKind.CALL_CENTRE, place, head, receives_tickets=True)
