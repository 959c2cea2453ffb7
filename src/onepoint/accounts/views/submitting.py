"""What all form pages share: the permission in front of a page, and a service's refusal of input beside its field."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from onepoint.accounts import policies
from onepoint.core.errors import require

View = Callable[..., HttpResponse]


def needs(*permissions: str) -> Callable[[View], View]:
    """The page is refused (403) to whoever holds none of the ``permissions``."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            refusals = [policies.why_not_permitted(permission, request.user) for permission in permissions]
            require(None if None in refusals else refusals[0])
            return view(request, *args, **kwargs)

        guarded.permission = permissions[0]  # type: ignore[attr-defined]  # asked by the page that explains access
        return guarded

    return guard
