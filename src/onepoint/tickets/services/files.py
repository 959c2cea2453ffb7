"""Attachments of a ticket: add, put a new version in place, delete while the step allows."""

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from onepoint.accounts.models import User
from onepoint.channels.models import Contact
from onepoint.core import attachments, audit
from onepoint.core.errors import SomebodyWasFaster, require
from onepoint.core.models import Attachment
from onepoint.tickets import policies, queries
from onepoint.tickets.models import Ticket
from onepoint.tickets.services.search_index import note_search_change


def _step_context(ticket: Ticket, by: User | None) -> dict[str, object]:
    """The step the uploader holds at this moment, kept with the file."""
    for task in queries.live_tasks(ticket) if by else []:
        if by and task.assignee_id == by.pk:
            return {"task": task.pk, "step": task.name, "step_en": task.name_en}
    return {}


@transaction.atomic
def add_attachment(ticket: Ticket, upload: UploadedFile, *, by: User | None) -> Attachment:
    """Add a file. Raises NotAtYourStep, TicketFinished or FileNotAccepted."""
    require(policies.why_not_attach(ticket, by))
    attachment = attachments.store_file(
        upload, subject_type="ticket", subject_id=ticket.pk, by=by, context=_step_context(ticket, by)
    )
    note_search_change(ticket.pk)
    audit.record("ticket.attachment_added", by=by, subject_type="ticket", subject_id=ticket.pk, **attachment.as_fact())
    return attachment


def bring_scans(contact: Contact, ticket: Ticket, *, by: User | None) -> None:
    """The fax or letter a contact was journaled for lies with the ticket as well; the bytes are shared."""
    for file in Attachment.objects.of("contact", contact.pk).filter(context__has_key="scan"):
        kept = attachments.copy_file(file, subject_type="ticket", subject_id=ticket.pk)
        audit.record("ticket.attachment_added", by=by, subject_type="ticket", subject_id=ticket.pk, **kept.as_fact())


@transaction.atomic
def replace_attachment(ticket: Ticket, attachment: Attachment, upload: UploadedFile, *, by: User | None) -> Attachment:
    """Put a new version of a file in place; the former ones stay readable. Raises as :func:`add_attachment`."""
    require(policies.why_not_attach(ticket, by))
    newer = attachments.store_file(
        upload,
        subject_type="ticket",
        subject_id=ticket.pk,
        by=by,
        context=_step_context(ticket, by),
        replaces=attachment,
    )
    note_search_change(ticket.pk)
    audit.record("ticket.attachment_replaced", by=by, subject_type="ticket", subject_id=ticket.pk, **newer.as_fact())
    return newer


@transaction.atomic
def delete_attachment(ticket: Ticket, attachment: Attachment, *, by: User | None) -> None:
    """Delete one version of a file softly. Raises NotYourFile, TicketFinished, SomebodyWasFaster."""
    require(policies.why_not_delete_attachment(ticket, attachment, by))
    if not attachments.delete_file(attachment, by=by):
        raise SomebodyWasFaster
    note_search_change(ticket.pk)
    audit.record(
        "ticket.attachment_deleted", by=by, subject_type="ticket", subject_id=ticket.pk, **attachment.as_fact()
    )
