"""People, their posts, roles, groups and logins."""

from collections.abc import Callable
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models.trees import BusinessLine, Named, OrgUnit, Region
from onepoint.accounts.states import DataScope, SecondFactorFor
from onepoint.core import stamped
from onepoint.core.stamped import Stamps

T = TypeVar("T")


class Role(Named):
    """A named set of permissions, with the data scope it usually has."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    permissions = ArrayField(models.CharField(max_length=60), default=list, verbose_name=_("Permissions"))
    data_scope = models.CharField(_("Data scope"), max_length=20, choices=DataScope.choices, default=DataScope.OWN_UNIT)
    description = models.TextField(_("Description"), blank=True)
    # {"ticket.contact_phone": "hidden"}: only what differs from writing; see accounts.field_rights
    field_rights = models.JSONField(_("Field rights"), default=dict, blank=True)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Role")
        verbose_name_plural = _("Roles")
        ordering = ["code"]


class Position(Named):
    """A post in a unit, such as "coordinator of the Hangzhou branch"; several people may hold it."""

    unit = models.ForeignKey(OrgUnit, models.CASCADE, related_name="positions", verbose_name=_("Unit"))
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Position")
        verbose_name_plural = _("Positions")
        ordering = ["unit__path", "name"]
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="position_name_once_per_unit")]


class PersonManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


class User(AbstractBaseUser):
    """One person who can log in. ``username`` is the staff number."""

    username = models.CharField(_("Staff number"), max_length=40, unique=True)
    name = models.CharField(_("Name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    name_key = models.CharField(max_length=160, blank=True, db_index=True)  # pinyin, for sorting and search
    email = models.EmailField(_("E-mail"), blank=True)
    phone = models.CharField(_("Telephone"), max_length=32, blank=True)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, related_name="people", verbose_name=_("Home unit"))
    language = models.CharField(_("Language"), max_length=10, default="zh-hans")
    is_active = models.BooleanField(_("May log in"), default=True)
    must_change_password = models.BooleanField(_("Must change the password at next login"), default=False)
    password_set_at = models.DateTimeField(_("Password set"), null=True)
    created_at = models.DateTimeField(_("Created"), null=True)

    objects = PersonManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("Person")
        verbose_name_plural = _("People")
        ordering = ["name_key", "username"]
        constraints = [models.UniqueConstraint(Lower("username"), name="staff_number_whatever_its_case")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    #: Of the session's person: as of when rights may be read from what the process keeps (see ``core.stamped``).
    stamps: "Stamps | None" = None

    def kept(self, key: str, compute: Callable[[], T], until: Callable[[], datetime | None] | None = None) -> T:
        """What ``compute`` gives of this person's rights: of a session's person kept until any right in the house changes."""
        return stamped.kept("access", (key, self.pk), compute, stamps=self.stamps or {}, until=until)

    @cached_property
    def active_grants(self) -> list["RoleGrant"]:
        """This person's roles in use, with what their scope needs; kept for the life of the object.

        One query; two more only where a role reaches named units and regions.
        """
        return self.kept("grants", self._find_grants)

    def _find_grants(self) -> list["RoleGrant"]:
        grants = list(
            RoleGrant.objects.filter(user=self.pk, role__is_active=True).select_related("role", "unit__region")
        )
        models.prefetch_related_objects(
            [grant for grant in grants if grant.reach == DataScope.NAMED], "units", "regions"
        )
        models.prefetch_related_objects(
            [grant for grant in grants if grant.reach == DataScope.BUSINESS_LINES], "business_lines"
        )
        return grants

    @cached_property
    def permission_codes(self) -> frozenset[str]:
        return frozenset(code for grant in self.active_grants for code in grant.role.permissions)

    def forget_rights(self) -> None:
        """Drop what this object remembers of roles, scopes and candidate keys, after they changed."""
        for name in ("active_grants", "permission_codes", "stamps", "_scopes", "_own_keys", "_delegated_keys"):
            self.__dict__.pop(name, None)

    def may(self, permission: str) -> bool:
        """Whether any of this person's roles holds ``permission`` (``noun.verb``)."""
        return self.is_active and permission in self.permission_codes


class PasswordRecord(models.Model):
    """A password hash a person used before, kept so that it is not used again soon."""

    user = models.ForeignKey(User, models.CASCADE, related_name="password_records")
    password = models.CharField(max_length=256)
    set_at = models.DateTimeField()


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def in_force(self, day: date) -> "AppointmentQuerySet":
        """Posts held on that day."""
        begun = models.Q(valid_from=None) | models.Q(valid_from__lte=day)
        return self.filter(begun & (models.Q(valid_to=None) | models.Q(valid_to__gte=day)))


class Appointment(models.Model):
    """A person holds a position, perhaps from or until a day; a person may hold several, one of them first."""

    user = models.ForeignKey(User, models.CASCADE, related_name="appointments", verbose_name=_("Person"))
    position = models.ForeignKey(Position, models.CASCADE, related_name="appointments", verbose_name=_("Position"))
    valid_from = models.DateField(_("From"), null=True, blank=True)
    valid_to = models.DateField(_("Until"), null=True, blank=True)  # the last day counts
    is_primary = models.BooleanField(_("First post"), default=False)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("Appointment")
        verbose_name_plural = _("Appointments")
        constraints = [
            models.UniqueConstraint(fields=["user", "position", "valid_from"], nulls_distinct=False, name="post_once"),
            models.UniqueConstraint(fields=["user"], condition=models.Q(is_primary=True), name="one_first_post"),
            models.CheckConstraint(condition=models.Q(valid_to__gte=models.F("valid_from")), name="post_ends_after"),
        ]

    def is_in_force(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or self.valid_to >= day)


class RoleGrant(models.Model):
    """A person has a role in a unit, reaching as far as its data scope (the role's own unless set here)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="role_grants", verbose_name=_("Person"))
    role = models.ForeignKey(Role, models.PROTECT, related_name="grants", verbose_name=_("Role"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="role_grants", verbose_name=_("In unit"))
    data_scope = models.CharField(_("Data scope"), max_length=20, choices=DataScope.choices, blank=True)
    units = models.ManyToManyField(OrgUnit, blank=True, related_name="+", verbose_name=_("Named units"))
    regions = models.ManyToManyField(Region, blank=True, related_name="+", verbose_name=_("Named regions"))
    business_lines = models.ManyToManyField(
        BusinessLine, blank=True, related_name="+", verbose_name=_("Named business lines")
    )
    # Codes of customer levels, which another capability owns; see levels.py. Empty: no bound.
    lowest_level = models.CharField(_("Customers from level"), max_length=40, blank=True)
    highest_level = models.CharField(_("Customers up to level"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("Role of a person")
        verbose_name_plural = _("Roles of people")
        constraints = [models.UniqueConstraint(fields=["user", "role", "unit"], name="role_granted_once_per_unit")]

    @property
    def is_limited(self) -> bool:
        """Whether it counts for customers of some levels only."""
        return bool(self.lowest_level or self.highest_level)

    @property
    def reach(self) -> str:
        return self.data_scope or self.role.data_scope


class Group(Named):
    """A named set of people across units who take work together."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    members = models.ManyToManyField(User, blank=True, related_name="work_groups", verbose_name=_("Members"))
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Group")
        verbose_name_plural = _("Groups")
        ordering = ["code"]


class InterfacePerson(models.Model):
    """A person who receives the tickets of a department; rank 1 is the interface person, others are deputies."""

    unit = models.ForeignKey(OrgUnit, models.CASCADE, related_name="interface_people", verbose_name=_("Unit"))
    user = models.ForeignKey(User, models.CASCADE, related_name="interface_posts", verbose_name=_("Person"))
    rank = models.PositiveSmallIntegerField(_("Rank"), default=1)

    class Meta:
        verbose_name = _("Interface person")
        verbose_name_plural = _("Interface people")
        ordering = ["unit", "rank"]
        constraints = [models.UniqueConstraint(fields=["unit", "user"], name="interface_person_once")]


class LoginPolicy(models.Model):
    """The house's rules for logins: one row, changed on its own screen."""

    idle_minutes = models.PositiveSmallIntegerField(
        _("Log out after minutes without activity"),
        default=15,
        validators=[MinValueValidator(5), MaxValueValidator(30)],
    )
    password_days = models.PositiveSmallIntegerField(
        _("Days until a password must be changed (0: never)"), default=0, validators=[MaxValueValidator(730)]
    )
    one_session_only = models.BooleanField(
        _("One session per person"), default=False, help_text=_("A new login ends the person's other sessions.")
    )
    second_factor = models.CharField(
        _("A second factor is asked of"),
        max_length=20,
        choices=SecondFactorFor.choices,
        default=SecondFactorFor.NOBODY,
        help_text=_("A code of an authenticator app, set up at the next login. Others may use one as they like."),
    )
    are_administrators_apart = models.BooleanField(
        _("Keep system, security and audit administration apart"),
        default=False,
        help_text=_("No account may hold rights of two of them; roles are given by security administrators only."),
    )

    class Meta:
        verbose_name = _("Login policy")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_login_policy"),
            models.CheckConstraint(
                condition=models.Q(idle_minutes__range=(5, 30)), name="idle_minutes_within_5_and_30"
            ),
        ]
