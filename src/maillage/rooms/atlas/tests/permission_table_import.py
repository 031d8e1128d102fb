"""Permissions of imports and sources; part of `permission_table.py`. Whoever moderates imports; sources are for everybody."""

from __future__ import annotations

import tempfile
from pathlib import Path

from maillage.core.people.actions import add_person
from maillage.rooms.atlas.importing import Options, import_file
from maillage.rooms.atlas.importing_uploads import keep_upload
from tests.helpers.permissions import Row, asked, sent

TEXT = "nom;commune\nMJC;Lyon\n;Bron\n"


def samples() -> dict[str, object]:
    """A file that waits for choices, and a run with one rejected row."""
    upload = keep_upload(
        "liste.csv", [TEXT.encode()], add_person("Importatrice", email="importatrice@example.org", role="operator")
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "liste.csv"
        path.write_text(TEXT, encoding="utf-8")
        run = import_file(path, "liste.csv", Options(source_code="liste-essai")).run
    return {"import_upload": upload.uid, "import_run": run.pk, "import_source": run.source.code}


def _kept_for_moderators(
    method: str, name: str, kwargs: dict[str, object], allowed: int, others: int = 403
) -> list[Row]:
    persons = {
        "nobody": 302,
        "resident": others,
        "helper": others,
        "moderator": allowed,
        "moderator_elsewhere": allowed,
        "operator": allowed,
    }
    return (asked if method == "GET" else sent)(f"atlas:{name}", kwargs, **persons)


_UPLOAD, _RUN = {"uid": "$import_upload"}, {"run_id": "$import_run"}
_NO_UPLOAD, _NO_RUN = {"uid": "00000000-0000-4000-8000-000000000000"}, {"run_id": 999999999}

ROWS = [
    *_kept_for_moderators("GET", "import", {}, 200),
    *_kept_for_moderators("POST", "import", {}, 422),
    *_kept_for_moderators("GET", "import_preview", _UPLOAD, 200),
    *_kept_for_moderators("POST", "import_preview", _UPLOAD, 422),
    *_kept_for_moderators("GET", "import_preview", _NO_UPLOAD, 404),
    *_kept_for_moderators("GET", "import_run", _RUN, 200),
    *_kept_for_moderators("GET", "import_run", _NO_RUN, 404),
    *_kept_for_moderators("POST", "import_run", _RUN, 405, 405),
    *_kept_for_moderators("GET", "import_rejects", _RUN, 200),
    *_kept_for_moderators("GET", "import_remarks", _RUN, 404),
    *asked("atlas:sources", everybody=200),
    *sent("atlas:sources", everybody=405),
    *asked("atlas:source", {"code": "$import_source"}, everybody=200),
    *asked("atlas:source", {"code": "unknown"}, everybody=404),
    *sent("atlas:source", {"code": "$import_source"}, everybody=405),
    *_kept_for_moderators("POST", "source_read", {"code": "$import_source"}, 302),
    *_kept_for_moderators("POST", "source_read", {"code": "unknown"}, 404),
    *_kept_for_moderators("GET", "source_read", {"code": "$import_source"}, 405, 405),
]
