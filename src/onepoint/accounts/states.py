"""Choices of the organisation."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class UnitKind(models.TextChoices):
    GROUP = "group", pgettext_lazy("unit", "Group")
    HEAD_OFFICE = "head_office", _("Head office")
    CITY = "city", _("City branch")
    COUNTY = "county", _("County branch")
    DEPARTMENT = "department", _("Department")
    CALL_CENTRE = "call_centre", _("Call centre")
    TEAM = "team", _("Team")
    HALL = "hall", _("Business hall")
    BUSINESS_UNIT = "business_unit", _("Product business unit")
    PLATFORM = "platform", _("Regional service platform")


class RegionKind(models.TextChoices):
    COUNTRY = "country", _("Country")
    PROVINCE = "province", _("Province or state")
    CITY = "city", _("City")
    COUNTY = "county", _("County")
    AREA = "area", _("Area")


class DataScope(models.TextChoices):
    """How far a role reaches when it is given to a person in a unit (spec §2)."""

    OWN = "own", _("Own work only")
    OWN_UNIT = "own_unit", _("Own unit")
    UNIT_AND_BELOW = "unit_and_below", _("Own unit and below")
    OWN_REGION = "own_region", _("Region of own unit and below")
    NAMED = "named", _("Named units and regions")
    ALL = "all", _("Everything")
