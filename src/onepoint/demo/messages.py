"""What the demo's people wrote each other lately; what is there is left as it is."""

from datetime import timedelta

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.notifications import services
from onepoint.notifications.models import Conversation
from onepoint.tickets.models import Ticket

#: Who, how many minutes before now, and what; ``{number}`` is a ticket the first of them may see.
_PAIR = [
    ("agent1", 190, "您好，{number} 的客户又来电催问，麻烦今天给个回复。"),
    ("wuh.coordinator", 184, "收到，已派网络维护中心，预计下午有结果。"),
    ("wuh.network", 96, "现场查过了，是楼道分光器故障，更换后测速正常，马上写处理意见。"),
    ("agent1", 88, "太好了，我先告知客户。"),
]
_DIRECT = [
    ("duty", 1500, "明晚割接，请提前看一下在途工单 {number}。"),
    ("wuh.coordinator", 1488, "好的，我盯着。"),
    ("duty", 35, "割接推迟到后天，通知一下各组。"),
]


def build_messages(people: dict[str, User]) -> None:
    """A group about one ticket, and a word between the duty manager and a coordinator that is still unread."""
    if Conversation.objects.exists():
        return
    _let_write(people, _PAIR, title="光猫掉线专项")
    _let_write(people, _DIRECT)


def _let_write(people: dict[str, User], lines: list[tuple[str, int, str]], title: str = "") -> None:
    first = people[lines[0][0]]
    others = [people[name] for name in dict.fromkeys(name for name, _minutes, _text in lines) if name != lines[0][0]]
    about = Ticket.objects.visible_to(first).alive().order_by("-opened_at", "-pk").first()
    now = clock.now()
    with clock.at(now - timedelta(minutes=lines[0][1])):
        conversation = services.open_conversation(others, title=title, by=first)
    for name, minutes, text in lines:
        with clock.at(now - timedelta(minutes=minutes)):
            said = text.format(number=about.number if about else "")
            message = services.write_message(conversation, said, by=people[name])
    if title:
        conversation.refresh_from_db()
        for person in [first, *others]:
            services.mark_conversation_read(conversation, until=message.pk, by=person)
