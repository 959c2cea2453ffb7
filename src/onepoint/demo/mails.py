"""E-mails of the demo: mailboxes (switched off, as there is no such server), and mails filed as they would be from them."""

import io
from datetime import timedelta
from email.message import EmailMessage

from onepoint.accounts.models import OrgUnit
from onepoint.channels.queries import mail as mail_queries
from onepoint.channels.services import mailboxes, mails
from onepoint.channels.states import MailPurpose
from onepoint.core import clock
from onepoint.demo.front_desk import sheet
from onepoint.tickets import queries as ticket_queries
from onepoint.tickets import services as tickets

ADDRESS, FAX_ADDRESS = "service@onepoint.example", "fax@onepoint.example"
#: A picture in one colour.
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000780000005008020000005df926de000000a749444154789cedd00109002010"
    "c040837d7f8c650b8579b000e3d69ed185d6f3834f020dba1568d0ad40836e051a742bd0a05b8106dd0a34e856a041b7020d"
    "ba1568d0ad40836e051a742bd0a05b8106dd0a34e856a041b7020dba1568d0ad40836e051a742bd0a05b8106dd0a34e856a0"
    "41b7020dba1568d0ad40836e051a742bd0a05b8106dd0a34e856a041b7020dba1568d0ad40836e051a742bd0a05b8106dd0a"
    "34e85607e9b6e2b3b434ce5a0000000049454e44ae426082"
)
_QUOTED = (
    "<div><br></div><div>------------------ 原始邮件 ------------------</div>"
    "<div><b>发件人:</b> 10088 客服</div><div><b>主题:</b> 您的来信已收到</div><div>我们会尽快处理。</div>"
)


def build_mails(units: dict[str, OrgUnit]) -> None:
    """A complaint with a picture, an answer in its thread and ours, a holiday notice, a stranger; run again it changes nothing."""
    unit = units["op-10088"]
    if not mail_queries.mailboxes().filter(address=FAX_ADDRESS).exists():
        _take_in_faxes(unit)
    if mail_queries.mailboxes().filter(address=ADDRESS).exists():
        return
    values = {
        "name": "客服邮箱", "name_en": "Mailbox of customer service", "address": ADDRESS, "host": "imap.onepoint.example", "username": ADDRESS, "unit": unit,
        "category_code": "bl_high", "ticket_kind": "complaint",
        "acknowledgement": "您好！您的来信已收到，工单号 {ticket}，我们会尽快处理并答复您。\n10088 客服中心",
    }  # fmt: skip
    box = mailboxes.create_mailbox(values=values, password="demo", is_active=False, by=None)
    first = mails.take_in_mail(box, _complaint(), by=None)
    mails.file_mails(by=None)
    assert first is not None
    first.refresh_from_db()
    for raw in (_further(), _holiday(), _stranger(first.ticket_number)):
        mails.take_in_mail(box, raw, by=None)
    mails.file_mails(by=None)
    _answer(first.ticket_number)


def _take_in_faxes(unit: OrgUnit) -> None:
    """The mailbox of a fax server: one fax that waits to be taken in, and a notice without one that waits for review."""
    values = {
        "name": "传真服务器邮箱", "name_en": "Mailbox of the fax server", "address": FAX_ADDRESS, "host": "imap.onepoint.example", "username": FAX_ADDRESS, "unit": unit,
        "purpose": MailPurpose.FAX, "only_from": "@faxserver.example", "creates_tickets": False,
    }  # fmt: skip
    box = mailboxes.create_mailbox(values=values, password="demo", is_active=False, by=None)
    page = io.BytesIO()
    sheet("FAX  1 page", "To: 10088", "Please stop the monthly service fee", "of line 027-8654 3210.").save(
        page, "TIFF", compression="group4"
    )
    fax = _letter(5, "FAX-3530 <fax@faxserver.example>", "Fax from 027-86543210, 1 page(s)", 4)
    fax.set_content("You have received a fax.")
    fax.add_attachment(page.getvalue(), maintype="image", subtype="tiff", filename="fax-20261122-1410.tif")
    notice = _letter(6, "FAX-3530 <fax@faxserver.example>", "Fax from 027-86543211 failed", 2)
    notice.set_content("The line was interrupted; no page was received.")
    for mail in (fax, notice):
        mails.take_in_mail(box, mail.as_bytes(), by=None)
    mails.file_mails(by=None)


def _letter(number: int, sender: str, subject: str, hours: int, **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, ADDRESS, subject
    mail["Message-ID"] = f"<demo-{number}@mail.example>"
    mail["Date"] = clock.now() - timedelta(hours=hours)
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    return mail


def _complaint() -> bytes:
    mail = _letter(1, "林晓梅 <lin.xiaomei@mail.example>", "本月话费多扣了 68 元", 5)
    mail.set_content("您好：\n我没有开通任何增值业务，本月账单却多了 68 元，截图见附件。请核实并退还。\n\n-- \n林晓梅")
    mail.add_attachment(_PNG, maintype="image", subtype="png", filename="账单截图.png")
    return mail.as_bytes()


def _further() -> bytes:
    mail = _letter(
        2, "林晓梅 <lin.xiaomei@mail.example>", "回复：本月话费多扣了 68 元", 3, In_Reply_To="<demo-1@mail.example>"
    )
    mail.set_content("补充一下：手机号是 13886001234，扣费日期是 11 月 3 日。")
    body = "<div>补充一下：手机号是 <b>13886001234</b>，扣费日期是 11 月 3 日。</div>"
    mail.add_alternative(body + _QUOTED, subtype="html")
    return mail.as_bytes()


def _holiday() -> bytes:
    mail = _letter(3, "chen.gang@factory.example", "自动回复：设备巡检通知", 2, Auto_Submitted="auto-replied")
    mail.set_content("我正在休假，11 月 30 日返回。")
    return mail.as_bytes()


def _stranger(number: str) -> bytes:
    mail = _letter(4, "赵先生 <zhao@other.example>", f"请把 {number} 的处理结果也发给我", 1)
    mail.set_content("我是她的朋友，请把处理结果发到这个邮箱。")
    return mail.as_bytes()


def _answer(number: str) -> None:
    ticket = ticket_queries.ticket_by_number(number)
    if ticket is None:
        return
    text = "林女士您好：\n账单已收到，我们正在与计费部门核对，今天下班前答复您。\n10088 客服中心"
    answer = tickets.Answer(
        to="lin.xiaomei@mail.example",
        subject=tickets.subject_for(ticket, "Re: 本月话费多扣了 68 元"),
        text=text,
        key="demo",
    )
    tickets.write_mail(ticket, answer, by=None)
