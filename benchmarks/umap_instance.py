"""A small uMap for `umap.py`, run by the Python of an environment of its own that has `umap-project` and `whitenoise`.

    python umap_instance.py prepare points.geojson   # prints the addresses of two maps
    python umap_instance.py serve 8171

UMAP_FOLDER holds its files, DATABASE_URL names its PostGIS (postgis://…). Static files are served compressed, as in production;
the background layer is one small picture of its own, so that neither site waits for another machine.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from pathlib import Path

FOLDER = Path(os.environ["UMAP_FOLDER"])
SETTINGS = f'''from umap.settings.base import *
import os
DEBUG = False
SECRET_KEY = "benchmark"
ALLOWED_HOSTS = ["*"]
SITE_URL = "http://127.0.0.1"
SHORT_SITE_URL = None
UMAP_ALLOW_ANONYMOUS = True
STATIC_ROOT = "{FOLDER}/static"
MEDIA_ROOT = "{FOLDER}/data"
UMAP_XSENDFILE_HEADER = None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
MIDDLEWARE.insert(0, "whitenoise.middleware.WhiteNoiseMiddleware")
WHITENOISE_MAX_AGE = 3600
REALTIME_ENABLED = False
'''
BACKGROUND = {
    "attribution": "none",
    "maxZoom": 18,
    "minZoom": 0,
    "url_template": "/static/umap/favicons/favicon.ico?{z}{x}{y}",
}


def start() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "umap_bench_settings.py").write_text(SETTINGS, encoding="utf-8")
    here = str(Path(__file__).resolve().parent)  # `umap.py` beside this file is not the package of that name
    sys.path[:] = [str(FOLDER), *(one for one in sys.path if one != here)]
    os.environ["DJANGO_SETTINGS_MODULE"] = "umap_bench_settings"
    import django

    django.setup()


def prepare(points: Path) -> None:
    """Tables, static files, and the points twice: as plain markers, and in uMap's own clusters."""
    from django.core.files.base import ContentFile
    from django.core.management import call_command
    from umap.models import DataLayer, Licence, Map, TileLayer

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    data = json.loads(points.read_text(encoding="utf-8"))
    Map.objects.all().delete()
    TileLayer.objects.get_or_create(
        name="none", defaults={"url_template": BACKGROUND["url_template"], "attribution": "none"}
    )
    licence, _made = Licence.objects.get_or_create(name="ODbL")
    for kind in ("Cluster", "Default"):
        properties = {"name": kind, "zoom": 6, "zoomControl": True, "tilelayer": BACKGROUND, "onLoadPanel": "none",
                      "scaleControl": True}  # fmt: skip
        geometry = {"type": "Point", "coordinates": [2.5, 46.6]}
        made = Map.objects.create(name=kind, slug=kind.lower(), center="POINT(2.5 46.6)", licence=licence, zoom=6,
                                  share_status=Map.PUBLIC, edit_status=Map.ANONYMOUS,
                                  settings={"type": "Feature", "geometry": geometry, "properties": properties})  # fmt: skip
        options = {"name": kind, "type": kind, "displayOnLoad": True, "browsable": True, "color": "DarkBlue"}
        layer = DataLayer(uuid=uuid.uuid4(), map=made, name=kind, display_on_load=True, settings=options)
        layer.geojson.save(
            "points.geojson", ContentFile(json.dumps({**data, "_umap_options": options}).encode()), save=False
        )
        layer.save()
        print(json.dumps({"kind": kind, "path": made.get_absolute_url()}))


def serve(port: int) -> None:
    """As its documentation advises, without the proxy: several threads, no debug."""
    from gunicorn.app.wsgiapp import WSGIApplication

    sys.argv = ["gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4", "umap.wsgi:application"]
    WSGIApplication("%(prog)s").run()


if __name__ == "__main__":
    start()
    if sys.argv[1] == "prepare":
        prepare(Path(sys.argv[2]))
    else:
        serve(int(sys.argv[2]))
