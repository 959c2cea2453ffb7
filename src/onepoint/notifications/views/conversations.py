"""Messages between colleagues: the list, one conversation, writing, who is there."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from onepoint.core import masking
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.ways_back import redirect_back
from onepoint.notifications import mentions, policies, services
from onepoint.notifications.message_forms import DutyMessageForm, MessageForm, NewConversationForm, PeopleForm
from onepoint.notifications.models import Conversation, Message, Participant
from onepoint.notifications.queries import conversations as queries
from onepoint.notifications.states import Availability, ConversationKind

NEWEST = 8


def _found(request: HttpRequest, pk: int) -> tuple[Conversation, Participant]:
    """A conversation one takes part in; for everybody else there is none."""
    conversation = queries.find_conversation(pk, visible_to=request.user)
    part = queries.participant_of(conversation, request.user) if conversation else None
    if conversation is None or part is None:
        raise Http404
    return conversation, part


def _lines(rows: list[Message], request: HttpRequest) -> list[tuple[Message, str]]:
    """Messages with their texts as this reader may follow them."""
    places = mentions.places_in((row.text for row in rows), visible_to=request.user)
    return [(row, mentions.with_links(masking.shown_words(row.text), places)) for row in rows]


def _side(request: HttpRequest) -> dict[str, Any]:
    """What stands beside every conversation: the others, and how one can be reached oneself."""
    return {
        "threads": queries.threads_of(request.user),
        "own_state": queries.own_availability(request.user),
        "states": [one for one in Availability if one != Availability.OFFLINE],
        "may_write": policies.why_not_write(request.user) is None,
    }


@require_GET
def list_conversations(request: HttpRequest) -> HttpResponse:
    shown = {"pk": _number(request.GET.get("at"))}
    return render(request, "notifications/conversations.html", {**_side(request), "conversation": shown})


@require_GET
@never_cache
def newest_conversations(request: HttpRequest) -> HttpResponse:
    """Fragment: what the panel of the shell shows."""
    threads = queries.threads_of(request.user, limit=NEWEST)
    return HttpResponse(
        render_to_string("notifications/_newest_conversations.html", {"threads": threads, "conversation": {}})
    )


@require_GET
@never_cache
def show_conversation(request: HttpRequest, pk: int) -> HttpResponse:
    conversation, part = _found(request, pk)
    rows, has_more = queries.messages_of(part, before=_number(request.GET.get("before")))
    if rows:
        services.mark_conversation_read(conversation, until=rows[-1].pk, by=request.user)
    people = queries.people_of(conversation)
    states = queries.availability_of(one.pk for one in people)
    context = {
        **_side(request),
        "conversation": conversation,
        "name": queries.name_of(conversation, [one for one in people if one != request.user]),
        "lines": _lines(rows, request),
        "has_more": has_more,
        "read_to": part.read_to,
        "people": [(one, states[one.pk]) for one in people],
        "form": MessageForm(),
        "people_form": PeopleForm(reader=request.user),
        "why_not_write": policies.why_not_write_into(part, request.user),
        "why_not_add": policies.why_not_change_group(conversation, part, request.user),
        "may_leave": conversation.kind != ConversationKind.DIRECT,
    }
    return render(request, "notifications/conversation.html", context)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


@require_GET
@never_cache
def show_messages(request: HttpRequest, pk: int) -> HttpResponse:
    """Fragment: what was written ``after`` or ``before`` a message (its id)."""
    conversation, part = _found(request, pk)
    before, after = _number(request.GET.get("before")), _number(request.GET.get("after"))
    rows, has_more = queries.messages_of(part, before=before, after=after)
    context = {"lines": _lines(rows, request), "conversation": conversation, "read_to": part.read_to}
    context |= {"has_more": has_more and after is None, "is_cut": has_more and after is not None}
    return render(request, "notifications/_messages.html", context)


@require_POST
def write_message(request: HttpRequest, pk: int) -> HttpResponse:
    conversation, _part = _found(request, pk)
    form = MessageForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        services.write_message(conversation, data["text"], request_key=data["request_key"], by=request.user)
        if not request.htmx:
            return redirect(f"{conversation.get_absolute_url()}#composer")
        form = MessageForm()
        response = render(request, "notifications/_composer.html", {"conversation": conversation, "form": form})
        return trigger_client_event(response, "message-written", {"conversation": conversation.pk})
    context = {"conversation": conversation, "form": form}
    return render(
        request, "notifications/_composer.html" if request.htmx else "notifications/write.html", context, status=422
    )


@require_POST
def read_conversation(request: HttpRequest, pk: int) -> HttpResponse:
    conversation, _part = _found(request, pk)
    services.mark_conversation_read(conversation, until=_number(request.POST.get("until")) or 0, by=request.user)
    return HttpResponse(status=204)


@require_http_methods(["GET", "POST"])
def begin_conversation(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_write(request.user))
    wanted = {"text": request.GET.get("about", "")[:60], "people": request.GET.getlist("to")}
    form = NewConversationForm(request.POST or None, initial=wanted, reader=request.user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            conversation = services.open_conversation(data["people"], title=data["title"], by=request.user)
            services.write_message(conversation, data["text"], request_key=data["request_key"], by=request.user)
        except InvalidInput as error:
            add_refusal(form, error)
        else:
            return redirect(conversation)
    return render(
        request, "notifications/begin.html", {"form": form, "kind": "people"}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
def begin_duty_conversation(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_write(request.user))
    form = DutyMessageForm(request.POST or None, reader=request.user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        conversation = services.open_duty_conversation(data["roster"], by=request.user)
        services.write_message(conversation, data["text"], request_key=data["request_key"], by=request.user)
        return redirect(conversation)
    return render(
        request, "notifications/begin.html", {"form": form, "kind": "duty"}, status=422 if form.errors else 200
    )


@require_POST
def add_people(request: HttpRequest, pk: int) -> HttpResponse:
    conversation, _part = _found(request, pk)
    form = PeopleForm(request.POST, reader=request.user)
    if not form.is_valid():
        raise InvalidInput({name: " ".join(str(error) for error in errors) for name, errors in form.errors.items()})
    services.add_people(conversation, form.cleaned_data["people"], by=request.user)
    return redirect(conversation)


@require_POST
def leave_conversation(request: HttpRequest, pk: int) -> HttpResponse:
    conversation, _part = _found(request, pk)
    services.leave_conversation(conversation, by=request.user)
    return redirect("conversation-list")


@require_POST
def choose_availability(request: HttpRequest) -> HttpResponse:
    services.choose_availability(request.POST.get("state", ""), by=request.user)
    return redirect_back(request, request.POST.get("next", ""), reverse("conversation-list"))
