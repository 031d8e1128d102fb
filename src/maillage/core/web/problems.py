"""The programming interface tells its errors as problem+json (RFC 9457), by the same table as the pages."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from maillage.core.errors import Invalid, Missing, Refused
from maillage.core.web.faults import fault_of, problem


def _fields(error: ValidationError) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for one in error.errors:
        where = ".".join(str(step) for step in one.get("loc", ())[1:])
        fields.setdefault(where, []).append(str(one.get("msg", "")))
    return fields


def install_problem_handlers(api: NinjaAPI) -> None:
    """Registers one handler per error on the interface."""

    def missing(_request: HttpRequest, error: Missing | Http404) -> HttpResponse:
        return problem(404, fault_of(404).title, str(error) or fault_of(404).happened)

    def refused(_request: HttpRequest, error: Refused) -> HttpResponse:
        return problem(403, fault_of(403).title, str(error) or fault_of(403).happened)

    def invalid(_request: HttpRequest, error: Invalid) -> HttpResponse:
        return problem(422, fault_of(422).title, str(error), error.fields)

    def unreadable(_request: HttpRequest, error: ValidationError) -> HttpResponse:
        return problem(422, fault_of(422).title, fault_of(422).happened, _fields(error))

    def unauthenticated(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
        return problem(401, fault_of(403).title, fault_of(403).happened)

    def by_status(_request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, str(error), str(error))

    for kind, handler in (
        (Missing, missing),
        (Http404, missing),
        (Refused, refused),
        (Invalid, invalid),
        (ValidationError, unreadable),
        (AuthenticationError, unauthenticated),
        (HttpError, by_status),
    ):
        # Each handler takes the very error it is registered for, which ninja's type cannot say.
        api.add_exception_handler(kind, handler)  # type: ignore[arg-type]
