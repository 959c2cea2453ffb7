"""The ASGI root: live events are spoken here, everything else is Django's WSGI handler in a fixed pool of threads.

Django's own ASGI handler costs several milliseconds more per request; see docs/decisions/web_server.md.
"""

from typing import Any

from a2wsgi import WSGIMiddleware

from onepoint.config.environment import environment
from onepoint.config.with_parent import end_with_parent
from onepoint.config.wsgi import application as django_pages

# After Django is set up by the line above.
from onepoint.config.live import make_live_events  # isort: skip

wsgi: Any = django_pages  # a2wsgi's idea of a WSGI application is narrower than Django's
pages = WSGIMiddleware(wsgi, workers=environment.web_threads)
live_events = make_live_events()
end_with_parent()


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await live_through(receive, send)
    elif scope["type"] == "http" and scope["path"] == "/events":
        await live_events(scope, receive, send)
    else:
        await pages(scope, receive, send)


async def live_through(receive: Any, send: Any) -> None:
    """Answer the server's start and end; at the end the open pages are sent away."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await live_events.close()
    await send({"type": "lifespan.shutdown.complete"})
