"""What the organisation itself gives on when somebody leaves: posts, groups, duties, delegations."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onepoint.accounts import handover, services
from onepoint.accounts.handover import Holding
from onepoint.accounts.models import Appointment, Delegation, Duty, Group, InterfacePerson, User
from onepoint.core import clock


def _interface_posts(person: User) -> QuerySet[InterfacePerson]:
    return InterfacePerson.objects.filter(user=person).select_related("unit").order_by("pk")


@transaction.atomic
def _give_interface_post(post_id: int, person: User, to: User | None, by: User | None) -> None:
    post = InterfacePerson.objects.filter(pk=post_id, user=person).select_related("unit").first()
    if post is None:
        return
    order = [one.user for one in post.unit.interface_people.select_related("user").order_by("rank", "pk")]
    people = [to if one == person else one for one in order if one != to or to is None]
    services.arrange_interface_people(post.unit, people=[one for one in people if one], by=by)


def _groups(person: User) -> QuerySet[Group]:
    return Group.objects.filter(members=person).order_by("pk")


@transaction.atomic
def _give_group(group_id: int, person: User, to: User | None, by: User | None) -> None:
    group = Group.objects.get(pk=group_id)
    if to is not None and group.is_active:
        services.add_member(group, to, by=by)
    services.remove_member(group, person, by=by)


def _posts(person: User) -> QuerySet[Appointment]:
    lasting = Q(valid_to=None) | Q(valid_to__gte=clock.today())
    return person.appointments.filter(lasting).select_related("position__unit").order_by("pk")


@transaction.atomic
def _give_post(post_id: int, person: User, to: User | None, by: User | None) -> None:
    post = _posts(person).filter(pk=post_id).first()
    if post is None:
        return
    services.end_appointment(post, by=by)
    if to is not None and not _posts(to).filter(position=post.position).exists():
        begin = max(post.valid_from or clock.today(), clock.today())
        services.appoint_person(to, position=post.position, valid_from=begin, by=by)


def _duties(person: User) -> QuerySet[Duty]:
    ahead = Q(date=None) | Q(date__gte=clock.today())
    return Duty.objects.filter(ahead, people=person).select_related("shift__roster").order_by("pk")


def _name_of_duty(duty: Duty) -> str:
    day = duty.date.isoformat() if duty.date else _("every week")
    return f"{duty.shift.roster.label} · {duty.shift.label} · {day}"


def _give_duty(duty_id: int, person: User, to: User | None, by: User | None) -> None:
    duty = _duties(person).filter(pk=duty_id).first()
    if duty is not None:
        services.replace_on_duty(duty, person=person, to=to, by=by)


def _delegations(person: User) -> QuerySet[Delegation]:
    standing = Delegation.objects.standing(clock.now()).filter(Q(absentee=person) | Q(deputy=person))
    return standing.select_related("absentee", "deputy").prefetch_related("roles").order_by("pk")


def _name_of_delegation(delegation: Delegation) -> str:
    since, until = (timezone.localtime(at).strftime("%Y-%m-%d") for at in (delegation.starts_at, delegation.ends_at))
    return f"{delegation.absentee.label} → {delegation.deputy.label} · {since} – {until}"


@transaction.atomic
def _give_delegation(delegation_id: int, person: User, to: User | None, by: User | None) -> None:
    """Where he stood in for somebody the receiver does so now; his own absences end with him."""
    delegation = _delegations(person).filter(pk=delegation_id).first()
    if delegation is None:
        return
    services.end_delegation(delegation, by=by)
    if to is None or delegation.deputy_id != person.pk or delegation.absentee_id == to.pk:
        return
    services.delegate_work(
        delegation.absentee,
        deputy=to,
        starts_at=max(delegation.starts_at, clock.now()),
        ends_at=delegation.ends_at,
        work=delegation.work,
        roles=list(delegation.roles.all()),
        note=delegation.note,
        by=by,
    )


for holding in (
    Holding(
        "interface_post",
        gettext_lazy("Posts as interface person"),
        30,
        _interface_posts,
        lambda post: post.unit.label,
        _give_interface_post,
    ),
    Holding("group", gettext_lazy("Groups"), 40, _groups, lambda group: group.label, _give_group, may_end=True),
    Holding("duty", gettext_lazy("Turns of duty"), 50, _duties, _name_of_duty, _give_duty, may_end=True),
    Holding(
        "delegation",
        gettext_lazy("Delegations"),
        60,
        _delegations,
        _name_of_delegation,
        _give_delegation,
        may_end=True,
    ),
    Holding(
        "post",
        gettext_lazy("Positions"),
        70,
        _posts,
        lambda post: f"{post.position.unit.label} · {post.position.label}",
        _give_post,
        may_end=True,
    ),
):
    handover.register(holding)
