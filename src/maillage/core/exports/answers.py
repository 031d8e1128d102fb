"""Exported files as answers to a request: dated names, the licence in a header, nothing kept on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

from maillage.core.exports.about import About, file_name


def streamed(chunks: Iterable[bytes], media_type: str, about: About, name: str) -> StreamingHttpResponse:
    """A file sent while it is made; `name` is "subject.extension"."""
    response = StreamingHttpResponse(chunks, content_type=media_type)
    _label(response, about, name)
    return response


def made_aside(write: Callable[[Path], object], media_type: str, about: About, name: str) -> FileResponse:
    """A file of a format that cannot be streamed: written to a place of its own, sent, then gone."""
    subject, _, extension = name.rpartition(".")
    with tempfile.TemporaryDirectory(prefix="maillage-export-") as folder:
        path = Path(folder) / f"{subject}.{extension}"
        write(path)
        # Copied to a file without a name, so that nothing stays behind when the reader goes away.
        content = _detached(path)
    response = FileResponse(content, content_type=media_type)
    response.headers["Content-Length"] = str(content.seek(0, 2))
    content.seek(0)
    _label(response, about, name)
    return response


def _detached(path: Path) -> tempfile.SpooledTemporaryFile[bytes]:
    content: tempfile.SpooledTemporaryFile[bytes] = tempfile.SpooledTemporaryFile(max_size=16_000_000)  # noqa: SIM115
    with path.open("rb") as file:
        while portion := file.read(1_000_000):
            content.write(portion)
    content.seek(0)
    return content


def _label(response: HttpResponseBase, about: About, name: str) -> None:
    subject, _, extension = name.rpartition(".")
    dated = file_name(subject, about.made_at, extension)
    response.headers["Content-Disposition"] = f'attachment; filename="{dated}"'
    response.headers["Link"] = f'<{about.licence_url}>; rel="license"'
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["X-Row-Count"] = str(about.rows)
