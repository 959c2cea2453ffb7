"""The REST API: every capability's router under one roof, one way to refuse."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.docs import Swagger
from ninja.openapi.schema import OpenAPISchema
from psycopg import errors as postgres_errors

from onepoint.core import rest
from onepoint.core.errors import BusinessError, InvalidInput, SomebodyWasFaster
from onepoint.core.middleware import problem


class MalformedRequest(BusinessError):
    """The body is not JSON, or not of a size or kind that can be read."""

    code = "malformed_request"
    message = gettext_lazy("The request cannot be read.")
    status = 400


class NoSuchThing(BusinessError):
    """Nothing stands at this address, or nothing the caller may see."""

    code = "not_found"
    message = gettext_lazy("There is nothing here.")
    status = 404


class Busy(BusinessError):
    """Somebody holds the row for longer than one waits."""

    code = "busy"
    message = gettext_lazy("This is being worked on at the moment; please try again.")
    status = 503


class OnepointAPI(NinjaAPI):
    """Describes the key in the OpenAPI document; who calls was settled by the middleware."""

    def get_openapi_schema(self, **named: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**named)
        schema["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"key": []}]
        for operations in schema["paths"].values():
            for operation in operations.values():
                _name_problems(operation["responses"])
        return schema


def _name_problems(responses: dict[Any, Any]) -> None:
    """Refusals are described as what they are sent as."""
    for status, response in responses.items():
        if int(status) >= 400 and "application/json" in response.get("content", {}):
            response["content"] = {"application/problem+json": response["content"]["application/json"]}


api = OnepointAPI(
    title="Onepoint API",
    version="1",
    urls_namespace="api-v1",
    docs=Swagger({"persistAuthorization": True}),
    description=(
        "Tickets, tasks, customers and the organisation, by the same rules as the pages. A key acts as a person: "
        "what lies outside that person's scope is 404. Writes may carry `Idempotency-Key`; changes need `If-Match` "
        "with the `ETag` that was read. Lists are paged by `cursor`. Refusals are `application/problem+json`."
    ),
)


def _refused(error: BusinessError) -> HttpResponse:
    answer = problem(error)
    if isinstance(error, Busy):
        answer["Retry-After"] = "2"  # seconds
    return answer


@api.exception_handler(BusinessError)
def _on_refusal(request: HttpRequest, error: BusinessError) -> HttpResponse:
    stale = isinstance(error, SomebodyWasFaster) and request.method == "PATCH"
    return _refused(rest.VersionStale() if stale else error)


@api.exception_handler(ValidationError)
def _on_wrong_input(request: HttpRequest, error: ValidationError) -> HttpResponse:
    wrong = {".".join(str(part) for part in one["loc"][1:]) or "body": one["msg"] for one in error.errors}
    return _refused(InvalidInput(wrong))


@api.exception_handler(Http404)
def _on_nothing(request: HttpRequest, error: Http404) -> HttpResponse:
    return _refused(NoSuchThing())


@api.exception_handler(HttpError)
def _on_malformed(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _refused(MalformedRequest())


@api.exception_handler(Exception)
def _on_failure(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error.__cause__, postgres_errors.LockNotAvailable):
        return _refused(Busy())
    raise error


for mount in rest.mounts():
    api.add_router(mount.path, mount.router, tags=[mount.tag])
