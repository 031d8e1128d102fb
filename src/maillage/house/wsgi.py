"""WSGI entry for granian."""

import os
import threading

from django.core.wsgi import get_wsgi_application

from maillage.house.orphans import leave_with_server
from maillage.kernels.tiles.warm import warm_up

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.house.settings")
application = get_wsgi_application()
leave_with_server()
# What counts and draws is compiled beside the first requests, not within one of them.
threading.Thread(target=warm_up, name="warm up", daemon=True).start()
