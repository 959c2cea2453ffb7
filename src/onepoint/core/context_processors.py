"""What the page shell needs on every page."""

from typing import Any

from django.http import HttpRequest

from onepoint.core import navigation

#: The entry whose page the "new request" button opens; who may not see the entry gets no button.
INTAKE = "intake"


def shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    items = navigation.items_for(user)
    return {
        "navigation_items": items,
        "may_open_requests": any(item.url_name == INTAKE for item in items),
        "nav_width": "narrow" if request.COOKIES.get("onepoint_nav") == "narrow" else "wide",
        "nav_folded": request.COOKIES.get("onepoint_folded", ".".join(navigation.SELDOM)).split("."),
    }
