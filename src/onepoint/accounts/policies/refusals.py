"""Why something in the organisation is refused: each a fact with a stable code."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.errors import BusinessError, NotPermitted


class OutsideYourScope(NotPermitted):
    """The person holds the permission, but not for this part of the organisation."""

    code = "outside_your_scope"
    message = _("This is outside the part of the organisation you look after.")


class StillInUse(BusinessError):
    """A node that still has people, units or posts in use cannot be taken out of use."""

    code = "still_in_use"
    message = _("Still in use: %(reasons)s. Move or close those first.")


class NotInUse(BusinessError):
    """Nothing new can be attached to something that was taken out of use."""

    code = "not_in_use"
    message = _("“%(name)s” is no longer in use.")


class AlreadyInThatState(BusinessError):
    """It is already in use, or already out of use."""

    code = "already_in_that_state"
    message = _("“%(name)s” is already in that state.")


class WouldStandBelowItself(BusinessError):
    """A node of a tree cannot be moved under itself or one of its own descendants."""

    code = "would_stand_below_itself"
    message = _("“%(name)s” cannot stand below itself.")


class NotYourOwnAccess(BusinessError):
    """Nobody changes his own roles, locks himself or resets his own password as an administrator."""

    code = "not_your_own_access"
    message = _("Somebody else must do this to your account.")
    status = 403


class ReachesTooFar(NotPermitted):
    """A role would let the person see more than the granter looks after."""

    code = "reaches_too_far"
    message = _("This would reach further than the part of the organisation you look after.")


class GuardedPermission(NotPermitted):
    """Rights over the organisation are passed on only by those who hold them."""

    code = "guarded_permission"
    message = _("Only somebody who holds these rights may pass them on: %(rights)s.")


class NoAdministratorLeft(BusinessError):
    """The change would leave nobody who may manage roles."""

    code = "no_administrator_left"
    message = _("Somebody who may manage roles must remain.")


class PartsMeet(BusinessError):
    """Somebody would hold two parts of administration that are kept apart."""

    code = "parts_meet"
    message = _(
        "System, security and audit administration are kept apart, but would meet with: %(people)s. "
        "Take away the roles of all parts but one first."
    )


class NoSecondFactorAsked(BusinessError):
    """Administrators who are kept apart need a second factor each: it is what keeps them apart."""

    code = "no_second_factor_asked"
    message = _("Keeping administrators apart needs a second factor for them at least.")


class DelegationGoesRound(BusinessError):
    """Delegations of overlapping times would lead back to the person who is away."""

    code = "delegation_goes_round"
    message = _(
        "%(deputy)s has left work to %(absentee)s at that time, directly or through others: nobody would do it."
    )


class DelegatedAlready(BusinessError):
    """The same deputy stands in already for a part of that time."""

    code = "delegated_already"
    message = _("%(deputy)s already stands in then. End that delegation first.")


class HandOverGoesOn(BusinessError):
    """One hand-over of a person at a time."""

    code = "hand_over_goes_on"
    message = _("The work of %(person)s is being handed over just now.")
