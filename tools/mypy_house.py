"""What mypy cannot know of our middleware: a view's ``request.user`` is a person, and ``request.htmx`` exists."""

from collections.abc import Callable

from mypy.nodes import MDEF, SymbolTableNode, TypeInfo, Var
from mypy.plugin import AttributeContext, ClassDefContext, Plugin
from mypy.types import AnyType, Instance, Type, TypeOfAny

REQUEST = "django.http.request.HttpRequest"
PERSON = "onepoint.accounts.models.User"


def person(context: AttributeContext) -> Type:
    """``LoginRequiredMiddleware`` lets nobody else through; the middleware before it asks ``is_authenticated``."""
    module, _, name = PERSON.rpartition(".")
    found = getattr(context.api, "modules", {}).get(module)
    symbol = found.names.get(name) if found else None
    return Instance(symbol.node, []) if symbol and isinstance(symbol.node, TypeInfo) else context.default_attr_type


def add_htmx(context: ClassDefContext) -> None:
    """Set by ``HtmxMiddleware`` on every request."""
    variable = Var("htmx", AnyType(TypeOfAny.explicit))
    variable.info = context.cls.info
    variable._fullname = f"{REQUEST}.htmx"
    context.cls.info.names["htmx"] = SymbolTableNode(MDEF, variable)


class HousePlugin(Plugin):
    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        return person if fullname == f"{REQUEST}.user" else None

    def get_customize_class_mro_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        return add_htmx if fullname == REQUEST else None


def plugin(version: str) -> type[Plugin]:
    return HousePlugin
