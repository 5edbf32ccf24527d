"""All that a database holds, to be compared: to the byte, or as what an import comes to whenever it ran."""

import datetime as dt
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connections, models

from agencies.log.chain import verify
from agencies.models import Agency, Change
from importers.models import EditionJob, ImportJob
from reforms.models import ListEdition, Measure

Row = dict[str, Any]
State = dict[type[models.Model], list[Row]]
LEASE = frozenset({"lease_until", "holder", "attempts"})
KINDS: dict[str, type[models.Model]] = {"measure": Measure, "edition": ListEdition, "agency": Agency}


def state() -> State:
    """Every row of every table, but who works on a job at the moment. Leaves no connection open."""
    try:
        found = {model: _rows(model) for model in apps.get_models(include_auto_created=True) if model is not Session}
        for job in (*found[ImportJob], *found[EditionJob]):
            for name in LEASE:
                del job[name]
        return found
    finally:
        connections.close_all()


def _rows(model: type[models.Model]) -> list[Row]:
    rows = list(model._base_manager.order_by("pk").values())
    return [
        {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()} for row in rows
    ]


def levelled(found: State, since: dt.datetime) -> State:
    """The state with ids counted from 1 in each table, and without when it was that something happened after `since`.

    A sequence does not go back with a transaction, so a second try has other ids than the first would have had.
    """
    places = {model: {row[_key(model)]: place for place, row in enumerate(rows, 1)} for model, rows in found.items()}
    return {model: [_levelled(model, row, places, since) for row in rows] for model, rows in found.items()}


def _key(model: type[models.Model]) -> str:
    return model._meta.pk.attname  # type: ignore[union-attr]  # every model has one


def _levelled(
    model: type[models.Model], row: Row, places: dict[type[models.Model], dict[Any, int]], since: dt.datetime
) -> Row:
    new = dict(row)
    for field in model._meta.concrete_fields:
        if field.attname not in row:
            continue
        target = field.related_model if field.remote_field else model if field.primary_key else None
        if target in places and row[field.attname] is not None:
            new[field.attname] = places[target].get(row[field.attname])  # type: ignore[index]
        if isinstance(row[field.attname], dt.datetime) and row[field.attname] > since:
            new[field.attname] = "since"
    if model is Change:
        new["object_id"] = (
            places[KINDS[row["kind"]]].get(row["object_id"]) if row["kind"] in KINDS else row["object_id"]
        )
        new["hash"] = new["previous_hash"] = ""
    if model._meta.label_lower == "agencies.changehead":
        new["hash"] = ""
    return new


def log_is_whole() -> bool:
    try:
        return verify().fault is None
    finally:
        connections.close_all()


def difference(one: State, other: State) -> str:
    """The tables that differ, for a person."""
    differing = [model.__name__ for model in one if one[model] != other[model]]
    return ", ".join(
        f"{model.__name__} {len(one[model])}/{len(other[model])}" for model in one if model.__name__ in differing
    )
