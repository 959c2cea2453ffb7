"""Tables of the organisation: two trees (units, regions), posts, roles with data scope, groups, people."""

from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.states import DataScope, RegionKind, UnitKind, UnmaskingReason


class Named(models.Model):
    """Something people named in Chinese, with an English name beside it."""

    name = models.CharField(_("Name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language being shown; Chinese where no English one was given."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class TreeQuerySet(models.QuerySet):
    def active(self) -> "TreeQuerySet":
        return self.filter(is_active=True)

    def below(self, nodes: "models.QuerySet | list") -> "TreeQuerySet":
        """The given nodes with everything under them."""
        condition = models.Q(pk__in=[])
        for node in nodes:
            condition |= models.Q(path__startswith=node.path)
        return self.filter(condition)


class TreeNode(Named):
    """Node of a tree kept by materialised path: ``path`` is ``/1/5/23/``, ending with the node's own id."""

    code = models.CharField(_("Code"), max_length=40, unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Parent")
    )
    path = models.CharField(max_length=400, db_index=True, db_collation="C", editable=False)
    position_order = models.PositiveSmallIntegerField(_("Order"), default=0)
    is_active = models.BooleanField(_("In use"), default=True)

    objects = TreeQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def depth(self) -> int:
        return self.path.count("/") - 2

    @property
    def ancestor_ids(self) -> list[int]:
        """Ids from the root down to and including this node."""
        return [int(part) for part in self.path.strip("/").split("/") if part]


class Region(TreeNode):
    """One node of the geographical tree: country, province, city, county."""

    kind = models.CharField(_("Kind"), max_length=20, choices=RegionKind.choices, default=RegionKind.CITY)
    area_code = models.CharField(_("Telephone area code"), max_length=8, blank=True)

    class Meta:
        verbose_name = _("Region")
        verbose_name_plural = _("Regions")
        ordering = ["path"]


class OrgUnit(TreeNode):
    """One node of the organisation tree: head office, city branch, department, call centre team, hall …"""

    kind = models.CharField(_("Kind"), max_length=20, choices=UnitKind.choices, default=UnitKind.DEPARTMENT)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="units", verbose_name=_("Region")
    )
    receives_tickets = models.BooleanField(
        _("Receives tickets"), default=False, help_text=_("Coordinators may choose it as a handling department.")
    )

    class Meta:
        verbose_name = _("Unit")
        verbose_name_plural = _("Units")
        ordering = ["path"]


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

    @cached_property
    def active_grants(self) -> list["RoleGrant"]:
        """This person's roles in use, with what their scope needs; kept for the life of the object.

        One query; two more only where a role reaches named units and regions.
        """
        grants = list(self.role_grants.filter(role__is_active=True).select_related("role", "unit__region"))
        models.prefetch_related_objects(
            [grant for grant in grants if grant.reach == DataScope.NAMED], "units", "regions"
        )
        return grants

    @cached_property
    def permission_codes(self) -> frozenset[str]:
        return frozenset(code for grant in self.active_grants for code in grant.role.permissions)

    def forget_rights(self) -> None:
        """Drop what this object remembers of roles, scopes and candidate keys, after they changed."""
        for name in ("active_grants", "permission_codes", "_scopes", "_candidate_keys"):
            self.__dict__.pop(name, None)

    def may(self, permission: str) -> bool:
        """Whether any of this person's roles holds ``permission`` (``noun.verb``)."""
        return self.is_active and permission in self.permission_codes


class PasswordRecord(models.Model):
    """A password hash a person used before, kept so that it is not used again soon."""

    user = models.ForeignKey(User, models.CASCADE, related_name="password_records")
    password = models.CharField(max_length=256)
    set_at = models.DateTimeField()


class Appointment(models.Model):
    """A person holds a position; a person may hold several."""

    user = models.ForeignKey(User, models.CASCADE, related_name="appointments", verbose_name=_("Person"))
    position = models.ForeignKey(Position, models.CASCADE, related_name="appointments", verbose_name=_("Position"))

    class Meta:
        verbose_name = _("Appointment")
        verbose_name_plural = _("Appointments")
        constraints = [models.UniqueConstraint(fields=["user", "position"], name="appointment_once")]


class RoleGrant(models.Model):
    """A person has a role in a unit, reaching as far as its data scope (the role's own unless set here)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="role_grants", verbose_name=_("Person"))
    role = models.ForeignKey(Role, models.PROTECT, related_name="grants", verbose_name=_("Role"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="role_grants", verbose_name=_("In unit"))
    data_scope = models.CharField(_("Data scope"), max_length=20, choices=DataScope.choices, blank=True)
    units = models.ManyToManyField(OrgUnit, blank=True, related_name="+", verbose_name=_("Named units"))
    regions = models.ManyToManyField(Region, blank=True, related_name="+", verbose_name=_("Named regions"))

    class Meta:
        verbose_name = _("Role of a person")
        verbose_name_plural = _("Roles of people")
        constraints = [models.UniqueConstraint(fields=["user", "role", "unit"], name="role_granted_once_per_unit")]

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

    class Meta:
        verbose_name = _("Login policy")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_login_policy"),
            models.CheckConstraint(
                condition=models.Q(idle_minutes__range=(5, 30)), name="idle_minutes_within_5_and_30"
            ),
        ]


class PrivacyPolicy(models.Model):
    """The house's rules for personal data: one row, changed on its own screen."""

    unmaskings_per_day = models.PositiveSmallIntegerField(
        _("Masked values one person may uncover a day"),
        default=50,
        validators=[MaxValueValidator(1000)],
    )

    class Meta:
        verbose_name = _("Privacy policy")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_privacy_policy")]


class Unmasking(models.Model):
    """One masked value somebody asked to see, and why; written once, never changed."""

    at = models.DateTimeField(_("At"))
    user = models.ForeignKey(User, models.PROTECT, related_name="unmaskings", db_index=False, verbose_name=_("Person"))
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    subject_number = models.CharField(_("About"), max_length=40)
    field = models.CharField(_("Field"), max_length=60)
    group = models.CharField(_("Kind of personal data"), max_length=20)
    reason = models.CharField(_("Reason"), max_length=20, choices=UnmaskingReason.choices)
    note = models.CharField(_("Explanation"), max_length=500)
    ip_address = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("Unmasking")
        verbose_name_plural = _("Unmaskings")
        indexes = [
            models.Index(fields=["user", "-at"], name="unmasking_user"),
            models.Index(fields=["-at"], name="unmasking_at"),
            models.Index(fields=["subject_type", "subject_id"], name="unmasking_subject"),
        ]


class PersonalDataReading(models.Model):
    """One opening of a page that showed personal data in full to somebody with the right to it."""

    at = models.DateTimeField(_("At"))
    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("Person"))
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    groups = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("Kinds of personal data"))
    ip_address = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("Reading of personal data")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="personal_reading_subject"),
            models.Index(fields=["user", "-id"], name="personal_reading_user"),
            BrinIndex(fields=["at"], name="personal_reading_at"),
        ]
