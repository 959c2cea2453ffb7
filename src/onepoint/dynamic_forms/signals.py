"""What forms announce to the capabilities above them."""

from django.dispatch import Signal

#: A version came into force. Arguments: ``version``.
form_published = Signal()
