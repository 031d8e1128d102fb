"""The programming interface: one OpenAPI 3.1 document, the routers of the rooms mounted under /api/."""

from __future__ import annotations

from django.urls import path
from ninja import NinjaAPI

from maillage.core.rooms import resolve, rooms
from maillage.core.web.problems import install_problem_handlers

api = NinjaAPI(
    title="Maillage",
    version="1",
    description="Lieux, initiatives et territoires, en lecture libre et en proposition.",
    docs_url=None,
    urls_namespace="api",
)
install_problem_handlers(api)
for manifest in rooms():
    if manifest.api_router:
        api.add_router(f"/{manifest.code}", resolve(manifest.api_router)(), tags=[manifest.label])

urlpatterns = [path("api/v1/", api.urls)]
