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
    DISTRICT = "district", _("City district")
    COUNTY = "county", _("County")
    AREA = "area", _("Area")


class DataScope(models.TextChoices):
    """How far a role reaches when it is given to a person in a unit (spec §2)."""

    OWN = "own", _("Own work only")
    OWN_UNIT = "own_unit", _("Own unit")
    UNIT_AND_BELOW = "unit_and_below", _("Own unit and below")
    OWN_REGION = "own_region", _("Region of own unit and below")
    NAMED = "named", _("Named units and regions")
    BUSINESS_LINES = "business_lines", _("Named business lines")
    ALL = "all", _("Everything")


class UnmaskingReason(models.TextChoices):
    """Why somebody must see a value that is masked for his role."""

    CALL_BACK = "call_back", _("Call the customer back")
    VISIT = "visit", _("Visit the customer")
    VERIFY = "verify", _("Check who the customer is")
    HANDLE = "handle", _("Needed to handle the ticket")
    REGULATOR = "regulator", _("Asked for by an authority")
    OTHER = "other", _("Other")


class FieldRight(models.TextChoices):
    """What a role may do with one field; the most generous of a person's roles counts."""

    HIDDEN = "hidden", _("hidden")
    READ = "read", _("read")
    WRITE = "write", _("read and change")


class WorkKind(models.TextChoices):
    """What a delegation may be limited to: how the work came to the person who is away."""

    PERSONAL = "personal", _("Given to the person")
    UNIT = "unit", _("Of the person's units")
    INTERFACE = "interface", _("As interface person")
    GROUP = "group", _("Of groups and duty rosters")


class SecondFactorFor(models.TextChoices):
    """Of whom the login policy asks a second factor besides the password."""

    NOBODY = "nobody", _("Nobody; who wants to may use one")
    ADMINISTRATORS = "administrators", _("Whoever holds rights over the house itself")
    PERSONAL_DATA = "personal_data", _("Those, and whoever sees personal data in full")
    EVERYBODY = "everybody", _("Everybody")


class Administration(models.TextChoices):
    """The three parts of administration that no single account may hold where they are kept apart."""

    SYSTEM = "system", _("System administration")
    SECURITY = "security", _("Security administration")
    AUDIT = "audit", _("Audit administration")
