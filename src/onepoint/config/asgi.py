"""The ASGI root: live events are spoken here, everything else is Django's WSGI handler in a fixed pool of threads.

Django's own ASGI handler costs several milliseconds more per request; see docs/decisions/web_server.md.
"""

from typing import Any

from a2wsgi import WSGIMiddleware

from onepoint.config.environment import environment
from onepoint.config.with_parent import end_with_parent
from onepoint.config.wsgi import application as django_pages

pages = WSGIMiddleware(django_pages, workers=environment.web_threads)
end_with_parent()


async def application(scope: Any, receive: Any, send: Any) -> None:
    await pages(scope, receive, send)
