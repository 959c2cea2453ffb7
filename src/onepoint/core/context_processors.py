"""What the page shell needs on every page."""

from typing import Any

from django.http import HttpRequest

from onepoint.core import navigation


def shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"navigation_items": navigation.items_for(user)}
