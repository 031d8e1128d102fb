"""WSGI entry for granian."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application

from maillage.core.engine.sight import set_sight_of_process
from maillage.house.memory import bound_arenas, give_back
from maillage.house.orphans import leave_with_server
from maillage.kernels.tiles.warm import warm_up

if TYPE_CHECKING:
    from maillage.house.front import Front

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.house.settings")


def _application() -> Front:
    django = get_wsgi_application()
    from maillage.house.front import Front  # it reads the manifests: Django must be set up

    return Front(django)


set_sight_of_process(everything=False)  # whatever the command that started this process may see
bound_arenas()
application = _application()
leave_with_server()
give_back()
# What counts and draws is compiled beside the first requests, not within one of them.
threading.Thread(target=warm_up, name="warm up", daemon=True).start()
