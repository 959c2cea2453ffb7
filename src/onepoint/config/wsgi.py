"""Django's WSGI handler; ``config.asgi`` runs it in a thread pool."""

import os

from django.core.wsgi import get_wsgi_application

from onepoint.core.labelled_bodies import LabelledRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onepoint.config.settings")
application = get_wsgi_application()
application.request_class = LabelledRequest
