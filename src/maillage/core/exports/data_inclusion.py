"""data·inclusion v1: structures and services checked by the schema's own models (PyPI data-inclusion-schema)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

import pydantic
from data_inclusion.schema.v1 import ModeAccueil, Service, Structure  # type: ignore[import-untyped]
from data_inclusion.schema.v1.score_qualite import score  # type: ignore[import-untyped]

CONFORMS_TO = "https://github.com/gip-inclusion/data-inclusion-schema"
LONGEST_NAME = 150
Model = TypeVar("Model", Structure, Service)


@dataclass(frozen=True)
class Checked:
    """A record that the schema takes, or None; `left_out` are the optional fields that it refused."""

    record: Mapping[str, object] | None
    left_out: tuple[str, ...] = ()
    refused_for: str = ""


def structure(values: Mapping[str, object]) -> Checked:
    """A structure as the schema writes it; an optional value that it refuses is left out, and named."""
    return _checked(Structure, values)


def service(values: Mapping[str, object]) -> Checked:
    """A service as the schema writes it; an optional value that it refuses is left out, and named."""
    return _checked(Service, values)


def _checked(model: type[Model], values: Mapping[str, object]) -> Checked:
    given = {name: value for name, value in values.items() if value not in (None, "", [], set())}
    try:
        return Checked(_written(model.model_validate(given)))
    except pydantic.ValidationError as fault:
        wrong = {str(error["loc"][0]) for error in fault.errors() if error["loc"]}
    required = {name for name, one in model.model_fields.items() if one.is_required()}
    if wrong & required:
        return Checked(None, refused_for=", ".join(sorted(wrong & required)))
    kept = {name: value for name, value in given.items() if name not in wrong}
    return Checked(_written(model.model_validate(kept)), left_out=tuple(sorted(wrong)))


def _written(one: pydantic.BaseModel) -> Mapping[str, object]:
    body = one.model_dump(mode="json", exclude_none=True)
    # The models hold sets: sorted, so that the same data give the same file.
    return {name: sorted(value) if isinstance(value, list) else value for name, value in body.items()}


def short_name(name: str) -> str:
    """A name as the schema takes it: 150 characters at most, without a final point."""
    text = name.strip()
    if len(text) > LONGEST_NAME:
        text = text[: LONGEST_NAME - 1].rsplit(" ", 1)[0] + "…"
    return text if text.endswith("etc.") else text.rstrip(".")


def quality(values: Mapping[str, object]) -> tuple[float, Mapping[str, float | None]]:
    """data·inclusion's own quality score of a service, 0 to 1, and its criteria (None: does not apply).

    Also for what the schema would refuse as a service (a place without a commune…): the criteria read what is there.
    """
    checked = service(values)
    if checked.record is not None:
        return _scored(Service.model_validate(checked.record))
    blank = dict.fromkeys(Service.model_fields)
    given = {name: value for name, value in values.items() if value not in (None, "", [], set())}
    modes = {ModeAccueil(one) for one in cast("Iterable[str]", given.get("modes_accueil") or ())}
    text = {"description": str(given.get("description") or "-")[:10_000], "modes_accueil": modes or None}
    return _scored(Service.model_construct(**{**blank, **given, **text}))


def _scored(one: Service) -> tuple[float, Mapping[str, float | None]]:
    total, criteria = score(one)
    return float(total), dict(criteria)
