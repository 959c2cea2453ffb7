"""Tables of the organisation: two trees (units, regions), posts, roles with data scope, groups, people."""

from onepoint.accounts.models.people import (
    Appointment,
    AppointmentQuerySet,
    Group,
    InterfacePerson,
    LoginPolicy,
    PasswordRecord,
    PersonManager,
    Position,
    Role,
    RoleGrant,
    User,
)
from onepoint.accounts.models.privacy import PersonalDataReading, PrivacyPolicy, Unmasking
from onepoint.accounts.models.saved_filters import FirstFilter, SavedFilter, SavedFilterQuerySet
from onepoint.accounts.models.second_factors import RecoveryCode, SecondFactor
from onepoint.accounts.models.standing_in import (
    Delegation,
    DelegationQuerySet,
    Duty,
    HandOver,
    HandOverItem,
    Roster,
    Shift,
)
from onepoint.accounts.models.trees import (
    BusinessFunction,
    BusinessLine,
    Named,
    OrgUnit,
    Region,
    TreeNode,
    TreeQuerySet,
)

__all__ = [
    "FirstFilter",
    "SavedFilter",
    "SavedFilterQuerySet",
    "BusinessFunction",
    "BusinessLine",
    "Appointment",
    "AppointmentQuerySet",
    "Delegation",
    "DelegationQuerySet",
    "Duty",
    "Group",
    "HandOver",
    "HandOverItem",
    "InterfacePerson",
    "LoginPolicy",
    "Named",
    "OrgUnit",
    "PasswordRecord",
    "PersonManager",
    "PersonalDataReading",
    "Position",
    "PrivacyPolicy",
    "RecoveryCode",
    "Region",
    "Role",
    "RoleGrant",
    "Roster",
    "SecondFactor",
    "Shift",
    "TreeNode",
    "TreeQuerySet",
    "Unmasking",
    "User",
]
