"""Settings of the test run: those of production, with stricter templates and folders that are thrown away."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# Kept between runs, so that the private server and the migrated template database are made once.
os.environ.setdefault("MAILLAGE_HOME", str(Path(__file__).resolve().parent.parent / "var" / "tests"))
os.environ.setdefault("MAILLAGE_ADDRESS", "http://testserver")

from maillage.house.settings import *  # noqa: F403
from maillage.house.settings import MIDDLEWARE as _MIDDLEWARE
from maillage.house.settings import TEMPLATES as _TEMPLATES
from tests.helpers.strict import UndefinedVariable

_FOLDER = Path(tempfile.mkdtemp(prefix="maillage-tests-"))  # conftest.py removes it

SECRET_KEY = "known, since nothing here is secret"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
MEDIA_ROOT = _FOLDER / "files"
OUTBOX = _FOLDER / "outbox"
STATIC_ROOT = _FOLDER / "static"
STATIC_ROOT.mkdir()  # whitenoise warns about a folder that is not there
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MIDDLEWARE = ["tests.helpers.strict.GetNeverWrites", *_MIDDLEWARE]
TEMPLATES = [{**_TEMPLATES[0], "OPTIONS": {**_TEMPLATES[0]["OPTIONS"], "string_if_invalid": UndefinedVariable()}}]
# Tests sign persons in without the two steps; those of the steps switch this on (core/people/tests/test_second_factor.py).
SECOND_FACTOR = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
