"""A DCAT catalogue of the data sets of this installation, as JSON-LD (DCAT 2 and its French profile)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maillage.core.exports.about import About

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_FILE_TYPES = "http://publications.europa.eu/resource/authority/file-type/"
_FRENCH = "http://publications.europa.eu/resource/authority/language/FRA"


@dataclass(frozen=True)
class Distribution:
    """One file of a data set: `file_type` is a code of the Publications Office, "" where it has none."""

    title: str
    address: str
    media_type: str
    file_type: str = ""
    conforms_to: str = ""
    is_service: bool = False


@dataclass(frozen=True)
class DataSet:
    """A data set with its files."""

    identifier: str
    about: About
    key_words: tuple[str, ...]
    distributions: tuple[Distribution, ...]
    modified_at: str = ""
    theme: str = "http://publications.europa.eu/resource/authority/data-theme/SOCI"


def _link(address: str) -> dict[str, str]:
    return {"@id": address}


def _words(text: str) -> dict[str, str]:
    return {"@language": "fr", "@value": text}


def _distribution(one: Distribution, about: About) -> dict[str, object]:
    media_type = one.media_type.partition(";")[0]
    body: dict[str, object] = {
        "@type": "dcat:Distribution",
        "@id": f"{one.address}#distribution",
        "dct:title": _words(one.title),
        "dct:license": _link(about.licence_url),
        "dcat:accessURL": _link(one.address),
        "dcat:mediaType": _link(f"https://www.iana.org/assignments/media-types/{media_type}"),
    }
    if not one.is_service:
        body["dcat:downloadURL"] = _link(one.address)
    if one.file_type:
        body["dct:format"] = _link(_FILE_TYPES + one.file_type)
    if one.conforms_to:
        body["dct:conformsTo"] = _link(one.conforms_to)
    return body


def _data_set(one: DataSet) -> dict[str, object]:
    about = one.about
    body: dict[str, object] = {
        "@type": "dcat:Dataset",
        "@id": one.identifier,
        "dct:identifier": one.identifier,
        "dct:title": _words(about.title),
        "dct:description": _words(about.description),
        "dct:language": _link(_FRENCH),
        "dct:license": _link(about.licence_url),
        "dcat:landingPage": _link(about.page_url),
        "dcat:keyword": [_words(word) for word in one.key_words],
        "dcat:theme": _link(one.theme),
        "dct:source": [source.url or source.name for source in about.sources],
        "dcat:distribution": [_distribution(file, about) for file in one.distributions],
    }
    if one.modified_at:
        body["dct:modified"] = {"@type": "xsd:dateTime", "@value": one.modified_at}
    if about.publisher:
        body["dct:publisher"] = {"@type": "foaf:Agent", "foaf:name": about.publisher}
    return body


def catalogue(identifier: str, title: str, data_sets: Sequence[DataSet]) -> dict[str, object]:
    """The catalogue as a JSON-LD document."""
    return {
        "@context": CONTEXT,
        "@type": "dcat:Catalog",
        "@id": identifier,
        "dct:title": _words(title),
        "dct:description": _words("Les jeux de données publics de cette installation de Maillage."),
        "dct:language": _link(_FRENCH),
        "dcat:dataset": [_data_set(one) for one in data_sets],
    }
