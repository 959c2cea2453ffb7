"""The ASGI root: live events are spoken here, everything else is Django's WSGI handler in a fixed pool of threads.

Django's own ASGI handler costs several milliseconds more per request; see docs/decisions/web_server.md.
"""

import asyncio
from typing import Any

from a2wsgi import WSGIMiddleware
from granian.utils.proxies import wrap_asgi_with_proxy_headers

from onepoint.config.environment import environment
from onepoint.config.request_bodies import NotTaken, has_body, refuse, take_body
from onepoint.config.web import END_STREAMS
from onepoint.config.with_parent import end_with_parent
from onepoint.config.wsgi import application as django_pages

# After Django is set up by the line above.
from onepoint.config.live import make_live_events  # isort: skip
from onepoint.core.clock_following import follow_database  # isort: skip

wsgi: Any = django_pages  # a2wsgi's idea of a WSGI application is narrower than Django's
pages = WSGIMiddleware(wsgi, workers=environment.web_threads)
live_events = make_live_events()
end_with_parent()
follow_database()


async def rooms(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await live_through(receive, send)
    elif scope["type"] == "http" and scope["path"] == "/events":
        await live_events(scope, receive, send)
    elif scope["type"] == "http" and has_body(scope):
        try:
            whole = await take_body(scope, _as_coroutine(receive))
        except NotTaken as refusal:
            await refuse(refusal, send)
            return
        await pages(scope, whole, send)
    else:
        await pages(scope, _as_coroutine(receive), send)


def _as_coroutine(receive: Any) -> Any:
    """The server's ``receive`` gives an awaitable of its own; a2wsgi reads bodies only from a true coroutine."""

    async def next_part() -> Any:
        return await receive()

    return next_part


async def live_through(receive: Any, send: Any) -> None:
    """Answer the server's start and end; open pages are sent away when the end begins."""
    await receive()
    asyncio.get_running_loop().add_signal_handler(END_STREAMS, live_events.close)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    live_events.close()
    await send({"type": "lifespan.shutdown.complete"})


#: Behind the proxies one trusts, address and scheme are the visitor's, not the proxy's.
application = wrap_asgi_with_proxy_headers(rooms, environment.trusted_proxies) if environment.trusted_proxies else rooms
