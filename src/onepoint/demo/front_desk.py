"""Short messages, a business hall's waiting line, a fax and a letter of the demo; run again it changes nothing."""

import io
from datetime import timedelta
from uuid import UUID, uuid5

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from onepoint.accounts.models import OrgUnit, User
from onepoint.channels import queries as channel_queries
from onepoint.channels import services as channels
from onepoint.channels.models import CounterQueue, Gateway, IncomingText
from onepoint.channels.origins import Origin
from onepoint.channels.providers.interface import Arrived
from onepoint.channels.queries import counter as counter_queries
from onepoint.channels.queries import scans as scan_queries
from onepoint.channels.states import Channel
from onepoint.core import clock
from onepoint.customers import phone_numbers
from onepoint.customers.models import Customer
from onepoint.customers.states import CustomerKind
from onepoint.tickets import services as tickets
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.reaching import reach_of
from onepoint.tickets.services import Intake
from onepoint.tickets.states import TicketKind

_BROUGHT_IN = UUID("5d0f6f9a-6f38-5b52-9a7e-3c1b2f4a7e10")
FAX_FOLDER, LETTER_FOLDER = "fax", "letters"
_MATTERS = "话费咨询\n宽带报装报修\n投诉建议\n其他业务"
_LOOKED_AT = 40  # tickets asked whether their customer has a mobile telephone


def build_front_desk(units: dict[str, OrgUnit]) -> None:
    """What comes in beside telephone, mail and chat."""
    _texts(units)
    _hall(units["wuh-hall"])
    _scans(units)
    _brought_in(units["wuh-hall"])


def _brought_in(hall: OrgUnit) -> None:
    """A complaint an outlet passed on with its paper, and one an account manager brings for his company."""
    agent, manager = (
        User.objects.filter(username="agent1").first(),
        User.objects.filter(username="wuh.coordinator").first(),
    )
    people = Customer.objects.active().filter(kind=CustomerKind.PERSON).order_by("pk")
    person = people.filter(region__path__startswith=hall.region.path).first() if hall.region else None
    company = Customer.objects.active().filter(kind=CustomerKind.COMPANY).order_by("pk").first()
    category = (
        Category.objects.filter(is_active=True, form_key="", children=None).for_kind(TicketKind.COMPLAINT).first()
    )
    if agent is None or manager is None or person is None or company is None or category is None:
        return
    outlet = Origin(outlet=hall, clerk_number="HC0417", document_number="DB-2026-0093")
    for number, (channel, customer, origin, said) in enumerate(
        (
            (Channel.OUTLET, person, outlet, "客户在代办点办理停机后仍被扣月租，要求退还并说明原因。"),
            (
                Channel.ACCOUNT_MANAGER,
                company,
                Origin(account_manager=manager),
                "集团专线账单与合同价不符，请核对后书面答复。",
            ),
        )
    ):
        tickets.register_request(
            Intake(
                request_key=uuid5(_BROUGHT_IN, str(number)), channel=channel, customer=customer, category=category,
                description=said, origin=origin, special_items=None,
            ),
            by=agent,
        )  # fmt: skip


def _texts(units: dict[str, OrgUnit]) -> None:
    """An answer that found its ticket, and two texts nobody can place, from the gateway the demo has."""
    gateway = next((one for one in channel_queries.gateways() if one.medium == "sms"), None)
    if gateway is None or IncomingText.objects.exists():
        return
    channels.change_text_rules(
        reply_days=7, unit=units["op-10088"], stop_words="TD\nT\n退订\nSTOP", start_words="恢复\nSTART", by=None
    )
    ticket, number = _ticket_with_mobile()
    if ticket is not None:
        text = f"您的工单 {ticket.number} 正在处理，师傅今天下午上门，请保持电话畅通。"
        tickets.tell_customer(ticket, text=text, key="demo-text", way="sms", by=None)
        _comes_in(gateway, number, "收到，下午三点以后家里有人😀", "demo-1")
    _comes_in(gateway, "13977770001", "上个月的宽带费多扣了，什么时候退？", "demo-2")
    _comes_in(gateway, "13977770002", "恭喜您获得大奖，请点击链接领取", "demo-3")
    channels.file_texts(by=None)


def _ticket_with_mobile() -> tuple[Ticket | None, str]:
    for ticket in Ticket.objects.alive().select_related("customer", "region").order_by("-pk")[:_LOOKED_AT]:
        if mobile := reach_of(ticket).mobile:
            return ticket, phone_numbers.normalise(mobile)
    return None, ""


def _comes_in(gateway: Gateway, sender: str, text: str, number: str) -> None:
    arrived = Arrived(sender, "10690088", text.encode("utf-16-be"), peer_id=number)
    channels.take_in_text(gateway, arrived, by=None)


def _hall(hall: OrgUnit) -> None:
    """Two waiting lines and three windows; each day the first loading lets some people wait."""
    lines = {line.prefix: line for line in CounterQueue.objects.filter(unit=hall)}
    if not lines:
        lines["A"] = channels.save_counter_queue(
            None, unit=hall, name="综合业务", name_en="General business", prefix="A", matters=_MATTERS, by=None
        )
        lines["V"] = channels.save_counter_queue(
            None, unit=hall, name="贵宾与政企", name_en="VIP and companies", prefix="V", by=None
        )
        for number in (1, 2, 3):
            channels.save_window(hall, name=f"{number} 号窗口", name_en=f"Window {number}", by=None)
    if counter_queries.waiting_numbers(hall, limit=1):
        return
    for minutes, prefix, matter in (
        (24, "A", "话费咨询"),
        (17, "A", "宽带报装报修"),
        (9, "V", ""),
        (4, "A", "投诉建议"),
    ):
        with clock.at(clock.now() - timedelta(minutes=minutes)):
            channels.take_number(lines[prefix], matter=matter, by=None)


def _scans(units: dict[str, OrgUnit]) -> None:
    """Two watched folders; a fax of two pages and a letter wait."""
    if scan_queries.scan_sources().exists():
        return
    unit = units["op-10088"]
    fax = channels.save_scan_source(
        None,
        name="传真服务器",
        name_en="Fax server",
        folder=FAX_FOLDER,
        channel="fax",
        unit=unit,
        is_active=True,
        by=None,
    )
    letters = channels.save_scan_source(
        None,
        name="收发室扫描仪",
        name_en="Scanner of the mail room",
        folder=LETTER_FOLDER,
        channel="letter",
        unit=unit,
        is_active=True,
        by=None,
    )
    pages = [sheet("FAX  2 pages", "To: 10088", "Our leased line has been down since 9:00.", "Please call back: 027-8765 4321"),
             sheet("page 2", "Order no. ZX-2026-1122", "Changjiang Machinery, office")]  # fmt: skip
    made = io.BytesIO()
    pages[0].save(made, "TIFF", save_all=True, append_images=pages[1:], compression="group4")
    upload = SimpleUploadedFile("fax-20261122-0912.tif", made.getvalue())
    channels.take_in_scan(upload, channel="fax", unit=unit, source=fax, sender_number="027-87654321", by=None)
    letter = io.BytesIO()
    sheet(
        "Dear Sir or Madam,", "my bill of October counts a service", "that I never ordered.", "Yours, Li Guifang"
    ).convert("L").save(letter, "JPEG", quality=80)
    upload = SimpleUploadedFile("letter-0031.jpg", letter.getvalue())
    channels.take_in_scan(upload, channel="letter", unit=unit, source=letters, sender_name="李桂芳", by=None)


def sheet(*lines: str) -> Image.Image:
    """A white sheet with some lines in the letters Pillow brings along (it brings no Chinese ones)."""
    page = Image.new("1", (1240, 900), 1)
    pen = ImageDraw.Draw(page)
    for number, line in enumerate(lines):
        pen.text((120, 110 + number * 90), line, fill=0, font_size=44)
    return page
