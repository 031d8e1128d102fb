"""WSGI entry for granian."""

import os

from django.core.wsgi import get_wsgi_application

from maillage.house.orphans import leave_with_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.house.settings")
application = get_wsgi_application()
leave_with_server()
