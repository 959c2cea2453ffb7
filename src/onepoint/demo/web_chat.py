"""Web chats of the demo: skills, two queues, canned texts, one finished conversation and one that waits."""

import uuid
from datetime import timedelta

from onepoint.accounts.models import OrgUnit, User
from onepoint.assignment import services as assignment
from onepoint.assignment.models import Queue
from onepoint.channels import services as channels
from onepoint.channels.models.chat import ChatSession
from onepoint.channels.services import chat_endings, chat_sites, chats
from onepoint.core import clock

_KEY = uuid.UUID("7c1f5f0a-3a52-4f0e-9d38-2d0c8a1b5e10")
_TEXTS = [
    ("hello", "问候", "Greeting", "{customer}您好，我是{agent}，请问有什么可以帮您？", "Hello {customer}, this is {agent}. How can I help?", ["chat"]),
    ("wait", "请稍候", "One moment", "请稍等，我马上为您查询。", "One moment please, I am looking it up.", ["chat"]),
    ("reboot", "重启光猫", "Restart the modem", "请把光猫断电，两分钟后再接通，等指示灯稳定后再试一次。", "Please unplug the modem for two minutes, plug it in again and try once the lights are steady.", ["chat", "sms"]),
    ("ticket", "已登记工单", "Ticket registered", "已为您登记工单{ticket}，处理结果会按您选择的方式告知。", "Your ticket {ticket} is registered; we will tell you the result the way you chose.", []),
    ("bye", "结束语", "Closing words", "感谢您的联系，祝您生活愉快！", "Thank you for contacting us. Have a nice day!", ["chat", "email"]),
]  # fmt: skip
_TALK = [
    ("agent", 20, "您好，我是{agent}，请问有什么可以帮您？"),
    ("visitor", 45, "家里宽带从早上开始就上不了网，光猫红灯一直闪。"),
    ("agent", 90, "请把光猫断电，两分钟后再接通，等指示灯稳定后再试一次。"),
    ("visitor", 260, "好了，可以上了，谢谢！"),
    ("agent", 290, "感谢您的联系，祝您生活愉快！"),
]


def build_web_chat(people: dict[str, User], units: dict[str, OrgUnit]) -> None:
    """Queues and texts, then people talking; what is there is left as it is."""
    if Queue.objects.exists():
        return
    _set_up(units)
    _finished_chat(people["agent1"])
    _waiting_chat()


def _set_up(units: dict[str, OrgUnit]) -> None:
    english = assignment.create_skill(code="english", name="英语", name_en="English", by=None)
    assignment.create_skill(code="broadband", name="宽带排障", name_en="Broadband faults", by=None)
    teams = [units["op-team1"], units["op-team2"]]
    general = assignment.create_queue(
        code="general", name="在线客服", name_en="Online service", units=teams, wrap_up_seconds=120, by=None
    )
    assignment.create_queue(
        code="service-in-english", name="英语服务", name_en="Service in English", units=teams, needs={english: 3},
        overflow_to=general, overflow_seconds=180, strategy="longest_idle", by=None,
    )  # fmt: skip
    for code, name, name_en, text, text_en, media in _TEXTS:
        channels.create_canned_text(
            code=code, name=name, name_en=name_en, text=text, text_en=text_en, media=media, by=None
        )
    chat_sites.add_site(origin="https://www.onepoint.example", name="官网", name_en="Own web site", by=None)


def _begin(number: int, minutes: int, question: str, name: str = "", phone: str = "") -> ChatSession:
    with clock.at(clock.now() - timedelta(minutes=minutes)):
        return chats.begin_chat(
            request_key=uuid.uuid5(_KEY, str(number)), queue=Queue.objects.get(code="general"), question=question,
            name=name, phone=phone, by=None,
        )  # fmt: skip


def _finished_chat(agent: User) -> None:
    minutes = 95
    began = clock.now() - timedelta(minutes=minutes)
    session = _begin(1, minutes, "宽带上不了网，光猫闪红灯", name="刘女士", phone="13871110001")
    with clock.at(began + timedelta(seconds=8)):
        assignment.take_up_work(agent, by=agent)
        assignment.assign_waiting(by=None)
        if session.entry is None:
            return
        session.entry.refresh_from_db()
        assignment.accept_entry(session.entry, by=agent)
    for number, (who, seconds, text) in enumerate(_TALK):
        key = uuid.uuid5(_KEY, f"said-{number}")
        with clock.at(began + timedelta(seconds=seconds)):
            if who == "agent":
                chats.say_as_agent(session, text=text.format(agent=agent.name), request_key=key, by=agent)
            else:
                chats.say_as_visitor(session, text=text, request_key=key, by=None)
    with clock.at(began + timedelta(seconds=310)):
        session = ChatSession.objects.get(pk=session.pk)
        chat_endings.end_chat(session, ended_by="visitor", by=None)
        session.refresh_from_db()
        chat_endings.wrap_up_chat(session, is_solved=False, by=agent)
        chat_endings.rate_chat(session, stars=5, words="很快就解决了")
        assignment.end_work(agent, by=agent)


def _waiting_chat() -> None:
    session = _begin(2, 0, "上个月的账单多扣了一笔增值业务费", name="赵先生", phone="13871110002")
    # Nobody sits at this visitor's page: it waits all the same until somebody looks at the demo.
    ChatSession.objects.filter(pk=session.pk).update(visitor_seen_at=clock.now() + timedelta(days=1))
