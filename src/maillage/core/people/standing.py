"""Who a request is by: the person of the session, nobody while the second factor is owed, or another seen through their eyes."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from maillage.core.engine.sight import look_as, seeing_everything
from maillage.core.people.models import Person
from maillage.core.people.queries import Viewer, is_professional
from maillage.core.people.seeing import may_see_as
from maillage.core.web.faults import respond

SECOND_STEP_PASSED = "second_step_passed"
SEEN_AS = "seen_as"
SEEN_UNTIL = "seen_until"
SEEING_SECONDS = 1800
SAFE = {"GET", "HEAD", "OPTIONS"}
# What one may still send while seeing the site as another: to stop, to sign out, to change how pages look.
SENT_ALL_THE_SAME = {"administration:stop_seeing", "people:sign_out", "web:display"}


class Standing:
    """Gives `request.user`; comes after Django's own authentication. Seeing as another is looking only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing is read before somebody asks who it is."""
        request.user = SimpleLazyObject(lambda: standing_of(request))  # type: ignore[assignment]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Refuses to write in the name of the one who is looked through."""
        if request.method in SAFE or not seer_of(request):
            return None
        match = request.resolver_match
        if match is not None and match.view_name in SENT_ALL_THE_SAME:
            return None
        return respond(
            request, 403, _("Vous regardez le site comme une autre personne : rien ne peut être changé ainsi.")
        )


def standing_of(request: HttpRequest) -> Viewer:
    """The person for whom pages are made; from then on the request sees that person's rows."""
    with seeing_everything("who a request is by must be read before anybody's rows can be"):
        viewer = _standing_of(request)
    look_as(viewer.pk)
    return viewer


def _standing_of(request: HttpRequest) -> Viewer:
    person = get_user(request)
    if not isinstance(person, Person):
        return AnonymousUser()
    if settings.SECOND_FACTOR and is_professional(person) and not request.session.get(SECOND_STEP_PASSED):
        return AnonymousUser()
    return _seen(request, person) or person


def _seen(request: HttpRequest, person: Person) -> Person | None:
    wanted = request.session.get(SEEN_AS)
    left = request.session.get(SEEN_UNTIL, 0) - time.time()
    if not wanted or not 0 < left <= SEEING_SECONDS:  # more: the clock was ahead when it began
        return None
    seen = Person.objects.filter(pk=wanted, is_active=True).first()
    if seen is None or not may_see_as(person, seen):
        return None
    seen.seen_by = person
    return seen


def seer_of(request: HttpRequest) -> Person | None:
    """The person who looks through the eyes of `request.user`, if any; asks the tables only where the session says so."""
    session = getattr(request, "session", None)
    if session is None or not session.get(SEEN_AS):
        return None
    return getattr(request.user, "seen_by", None)
